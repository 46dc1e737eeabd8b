"""What a reader sees of a page."""

from bs4 import BeautifulSoup, Tag


def main_words(page: BeautifulSoup) -> str:
    """Give the words between the frame's head and foot."""
    main = page.find("main")
    assert main is not None
    return main.get_text(" ", strip=True)


def all_words(page: BeautifulSoup) -> str:
    """Give the words of the whole page, a space between any two."""
    return " ".join(page.get_text(" ", strip=True).split())


def elements_of(page: Tag) -> list[list[str]]:
    """Give the lines of the tables that lay services side by side: the name, then the five elements."""
    return [
        [cell.get_text(strip=True) for cell in row.select("th, td")]
        for row in page.select("table.elements tbody tr")
    ]


def hidden(page: BeautifulSoup, name: str) -> str:
    """Give what a form carries with it unseen."""
    field = page.select_one(f'input[type="hidden"][name="{name}"]')
    assert field is not None
    return str(field["value"])
