"""What a browser calls itself, in two words. A guess for people to recognise their own devices, nothing more."""

from django import template

register = template.Library()

# Order matters: most browsers also claim to be Chrome or Safari, and Android also claims to be Linux.
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


@register.filter
def browser_words(user_agent: str) -> str:
    """`Mozilla/5.0 (X11; Linux x86_64) … Chrome/142.0.0.0 …` → "Chrome on Linux"."""
    browser = next((words for mark, words in _BROWSERS if mark in user_agent), "A program")
    system = next((words for mark, words in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
