"""The mappings of a provider account: kept with each import, and offered with the next file."""

from django.utils import timezone

from payments.models import SavedLayout, Statement
from payments.statements.layout import PRESETS, Layout


def offered_layouts(statement: Statement) -> dict[str, tuple[Layout, bool]]:
    """By name, the layouts saved for the account and then our presets; with each, whether it is proven."""
    saved = SavedLayout.objects.filter(provider_account_id=statement.provider_account_id).order_by("-saved_at")
    offered = {row.name: (Layout.from_json(row.layout), row.is_proven) for row in saved}
    for preset in PRESETS.get(statement.provider, ()):
        offered.setdefault(preset.name, (preset.layout, preset.is_proven))
    return offered


def save_layout(statement: Statement, layout: Layout, name: str, actor: str) -> bool:
    """Keep the mapping for the next file. Returns whether it is proven: only what we saw from a provider is."""
    presets = {preset.name: preset for preset in PRESETS.get(statement.provider, ())}
    if name in presets and presets[name].layout == layout:
        return presets[name].is_proven
    SavedLayout.objects.update_or_create(
        provider_account_id=statement.provider_account_id,
        name=name,
        defaults={"layout": layout.to_json(), "saved_by": actor, "saved_at": timezone.now(), "is_proven": False},
    )
    return False
