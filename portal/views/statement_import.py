"""The way of a file into Reconcile: upload, mapping with a preview, import; and out of it again."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from payments.errors import NotFound, Refusal
from payments.models import Statement
from payments.selectors import statements as selector
from payments.statements import importing
from payments.statements.importing import BadLayout, BadLines, SeenBefore
from payments.statements.layout import Layout, guess
from payments.statements.parsing import Parsed
from payments.statements.sample import sample_statement
from payments.statements.saved_layouts import offered_layouts
from portal.access import MerchantRequest, merchant_page
from portal.htmx import go_to, private, render_page
from portal.mapping_form import MappingForm, days_of, mapping_of
from portal.origin import origin
from portal.places import url_of
from portal.statement_forms import UploadForm
from portal.statement_results import tell
from portal.views.statements import find_statement
from portal.zones import zone_of

PREVIEW_LINES = 8


@merchant_page("reconciliation.work")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: MerchantRequest) -> HttpResponse:
    accounts = selector.list_accounts(livemode=request.livemode)
    form = UploadForm(request.POST or None, request.FILES or None, accounts=accounts)
    seen = ""
    if getattr(request, "upload_is_too_large", False):
        form.is_valid()
        form.errors.pop("file", None)
        form.add_error("file", "The file is larger than 8 MB. Split it by period and upload the parts.")
    elif request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = importing.upload(
                provider_account_id=form.cleaned_data["account"], livemode=request.livemode, file_name=file.name,
                content=file.read(), **origin(request),
            )  # fmt: skip
            return go_to(request, url_of(request, "statement_map", made.pk))
        except SeenBefore as error:
            seen = error.statement_id
        except Refusal as error:
            form.add_error("file", error.detail)
    context = {"form": form, "seen": seen, "accounts": accounts, "is_demo": settings.DEMO}
    status = 409 if seen else 422 if form.errors else 200
    return render_page(request, "portal/reconcile/new.html", context, partial="form", status=status)


@merchant_page("reconciliation.work")
@require_http_methods(["GET", "HEAD", "POST"])
def map_columns(request: MerchantRequest, object_id: str) -> HttpResponse:
    """GET offers a mapping; POST shows what it makes of the file, and imports it when asked to."""
    found = find_statement(request, object_id, with_file=True)
    if found.state != Statement.UPLOADED:
        return redirect(url_of(request, "statement", object_id))
    page = _Mapping(request, found)
    if request.method == "POST" and page.form.is_valid() and request.POST.get("do") == "import":
        try:
            return page.run()
        except NotFound as error:
            raise Http404(error.detail) from error
        except (BadLayout, BadLines):
            pass  # the preview below says the same, line by line
        except Refusal as error:
            page.form.add_error(None, error.detail)
    return page.show()


@merchant_page("reconciliation.work")
@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: MerchantRequest, object_id: str) -> HttpResponse:
    found = find_statement(request, object_id)
    if request.method != "POST":
        return render_page(request, "portal/reconcile/discard.html", {"statement": found}, partial="question")
    with tell(request, "The statement is discarded. The file can be uploaded again."):
        importing.discard(statement_id=object_id, livemode=request.livemode, **origin(request))
    return go_to(request, url_of(request, "statements"))


@merchant_page("reconciliation.work")
@require_safe
def sample(request: MerchantRequest) -> HttpResponse:
    """Only in the demo, where there is no real provider to get a statement from."""
    accounts = selector.list_accounts(livemode=request.livemode)
    if not settings.DEMO or not accounts:
        raise Http404("There is no sample here.")
    zone = zone_of(request.merchant.country)
    text = sample_statement(accounts[0], until=zone.midnight(zone.today(timezone.now())))
    response = HttpResponse(text, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="sample-{request.merchant.slug}.csv"'
    return private(response)


class _Mapping:
    """The mapping page of one file."""

    def __init__(self, request: MerchantRequest, statement: Statement) -> None:
        self.request, self.statement = request, statement
        self.header = importing.table_of(statement).header.cells
        self.offered = offered_layouts(statement)
        self.data = request.POST.copy() if request.method == "POST" else None
        self.form = MappingForm(self.data, header=self.header, initial=self._initial())

    def _initial(self) -> Mapping[str, Any]:
        fitting = {name: layout for name, (layout, _) in self.offered.items() if self._fits(layout)}
        wanted = self.request.GET.get("layout", "") or next(iter(fitting), "")
        if wanted in self.offered:
            return mapping_of(self.offered[wanted][0], name=wanted)
        return mapping_of(guess(self.header), name=self.statement.file_name.rpartition(".")[0][:60] or "My mapping")

    def _fits(self, layout: Layout) -> bool:
        return set(layout.columns().values()) <= set(self.header)

    def run(self) -> HttpResponse:
        """Raises Refusal."""
        period = self.form.period()
        if period is None:
            raise Refusal("Say the first and the last day that the statement is about.")
        importing.import_statement(
            statement_id=self.statement.pk, livemode=self.request.livemode, layout=self.form.layout(),
            layout_name=self.form.cleaned_data["layout_name"], period=period, **origin(self.request),
        )  # fmt: skip
        messages.success(self.request, "Imported and compared with our books.")
        return go_to(self.request, url_of(self.request, "statement", self.statement.pk))

    def show(self) -> HttpResponse:
        context: dict[str, Any] = {
            "statement": self.statement,
            "form": self.form,
            "names": [(name, self._fits(layout)) for name, (layout, _) in self.offered.items()],
        }
        layout = self._layout()
        if layout is not None:
            try:
                context |= self._preview(importing.read(self.statement, layout), layout)
            except BadLayout as error:
                context["problems"] = error.problems
        chosen = str(self.form["layout_name"].value() or "")
        context["is_proven"] = self.offered.get(chosen, (None, False))[1]
        has_trouble = bool(self.form.errors or context.get("problems") or context.get("trouble_count"))
        status = 422 if self.request.method == "POST" and has_trouble else 200
        return render_page(self.request, "portal/reconcile/map.html", context, partial="form", status=status)

    def _layout(self) -> Layout | None:
        if self.form.is_bound:
            return self.form.layout() if self.form.is_valid() or self._only_unplaced_errors() else None
        probe = MappingForm({**self.form.initial}, header=self.header)
        return probe.layout() if probe.is_valid() else None

    def _only_unplaced_errors(self) -> bool:
        return set(self.form.errors) <= {"__all__"}

    def _preview(self, parsed: Parsed, layout: Layout) -> dict[str, Any]:
        days = days_of(parsed, layout)
        values: Mapping[str, Any] = self.form.initial if self.data is None else self.data
        if days and not values.get("first_day"):
            self._propose(*days)
        return {
            "lines": parsed.lines[:PREVIEW_LINES],
            "line_count": len(parsed.lines),
            "troubles": parsed.troubles,
            "trouble_count": parsed.trouble_count,
        }

    def _propose(self, first: date, last: date) -> None:
        """Before the form is shown: a bound field remembers its first value."""
        days = {"first_day": first.isoformat(), "last_day": last.isoformat()}
        if self.data is not None:
            self.data.update(days)
        else:
            self.form.initial = {**self.form.initial, **days}
