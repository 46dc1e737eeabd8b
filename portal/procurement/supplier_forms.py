"""Forms of the register: a supplier, its contacts, its relationships, a file to import."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import Field, Form, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, StopValidation, ValidationError

from assessments import reference
from assessments.countries import HOME, countries
from assessments.exposures import exposure, exposures
from assessments.folding import cleaned
from assessments.imports.cells import NotReadable, read_cell
from assessments.models import Contact, Relationship, Supplier, User
from assessments.suppliers import ContactFacts, RelationshipFacts, SupplierFacts
from portal import filters
from portal.import_words import row_words

REQUIRED = _l("入力してください。")
CHOOSE = _l("選んでください。")
NOT_SET = _l("（未設定）")
NOT_GRADED = _l("未設定")
LONGEST_NOTE = 2_000
EXPOSURE_STEPS = range(1, 6)


def _readable(key: str) -> Callable[[Form, Field], None]:
    """Check a field as the same cell of a list would be."""

    def check(_form: Form, field: Field) -> None:
        try:
            read_cell(key, field.data or "")
        except NotReadable as error:
            reason = "exponent_typed" if error.reason == "exponent" else error.reason
            raise StopValidation(row_words({"reason": reason, **error.facts})) from error

    return check


def _one_line(typed: str | None) -> str:
    return cleaned(typed or "")


def _cell(label: Any, key: str, *, is_required: bool = False) -> StringField:
    checks = [InputRequired(REQUIRED)] if is_required else []
    return StringField(label, [*checks, _readable(key)], filters=[_one_line])


class SupplierForm(FlaskForm):
    """What the register holds about a supplier."""

    name = _cell(_l("会社名"), "name", is_required=True)
    kana = _cell(_l("カナ"), "kana")
    code = _cell(_l("取引先コード"), "supplier_code")
    corporate_number = _cell(_l("法人番号"), "corporate_number")
    site = _cell(_l("拠点"), "site")
    country = SelectField(_l("国"), default=HOME)
    prefecture = SelectField(_l("都道府県"), default="")
    industry = SelectField(_l("業種"), default="")
    employees = _cell(_l("従業員数"), "employees")
    capital = _cell(_l("資本金"), "capital")

    def facts(self) -> SupplierFacts:
        """Give what was typed as the register keeps it; the form has been found valid."""
        return SupplierFacts(
            name=self.name.data or "",
            kana=read_cell("kana", self.kana.data or "") or "",
            code=read_cell("supplier_code", self.code.data or ""),
            corporate_number=read_cell("corporate_number", self.corporate_number.data or ""),
            site=read_cell("site", self.site.data or "") or "",
            country=self.country.data,
            prefecture=self.prefecture.data or None,
            industry=self.industry.data or None,
            employees=read_cell("employees", self.employees.data or ""),
            capital=read_cell("capital", self.capital.data or ""),
        )


class NewSupplierForm(SupplierForm):
    """A new supplier, with the unit that deals with it."""

    unit = SelectField(_l("取引のある事業部"), [InputRequired(CHOOSE)])


class ContactForm(FlaskForm):
    """Whom to write to at a supplier."""

    name = _cell(_l("お名前"), "contact_name")
    department = _cell(_l("部署"), "department")
    email = _cell(_l("メールアドレス"), "email")
    phone = _cell(_l("電話"), "phone")
    language = RadioField(_l("メールと画面の言語"), default="ja")

    def validate_email(self, field: StringField) -> None:
        """Ask for a name where there is no address: a contact needs one of the two."""
        if not field.data and not self.name.data:
            raise ValidationError(_l("お名前かメールアドレスを入力してください。"))

    def facts(self) -> ContactFacts:
        """Give what was typed as the register keeps it; the form has been found valid."""
        return ContactFacts(
            name=read_cell("contact_name", self.name.data or "") or "",
            department=read_cell("department", self.department.data or "") or "",
            email=read_cell("email", self.email.data or ""),
            phone=read_cell("phone", self.phone.data or "") or "",
            language=self.language.data,
        )


class RelationshipForm(FlaskForm):
    """What a unit of the buyer has with a supplier; exposures are 1–5, or not set."""

    owner = SelectField(_l("購買担当者"), default="")
    owner_name = _cell(_l("購買担当者の名前（利用者でないとき）"), "owner")
    transaction_kind = SelectField(_l("取引類型"), default="")
    confidentiality = RadioField(_l("機密性"), default="")
    continuity = RadioField(_l("継続性"), default="")
    connectivity = RadioField(_l("接続性"), default="")
    spend = _cell(_l("年間取引額"), "spend")
    tier = _cell(_l("階層"), "tier")
    note = TextAreaField(
        _l("メモ"),
        [Length(max=LONGEST_NOTE, message=_l("%(max)d文字までで入力してください。"))],
        filters=[lambda typed: (typed or "").strip()],
    )

    def facts(self, owner_id: int | None) -> RelationshipFacts:
        """Give what was typed as the register keeps it; the form has been found valid."""
        return RelationshipFacts(
            owner_id=owner_id,
            owner_name="" if owner_id else read_cell("owner", self.owner_name.data or "") or "",
            transaction_kind=self.transaction_kind.data or None,
            confidentiality=int(self.confidentiality.data) if self.confidentiality.data else None,
            continuity=int(self.continuity.data) if self.continuity.data else None,
            connectivity=int(self.connectivity.data) if self.connectivity.data else None,
            spend=read_cell("spend", self.spend.data or ""),
            tier=read_cell("tier", self.tier.data or ""),
            note=self.note.data or "",
        )


class NewRelationshipForm(RelationshipForm):
    """The same for a unit that has nothing with the supplier yet."""

    unit = SelectField(_l("事業部"), [InputRequired(CHOOSE)])


class UploadForm(FlaskForm):
    """A list of suppliers to import."""

    file = FileField(_l("取引先の一覧（CSVまたはExcel）"))


def supplier_form(form: SupplierForm) -> SupplierForm:
    """Give a form its lists, in the page's language."""
    form.country.choices = [(one.code, filters.text(one.name)) for one in countries()]
    form.industry.choices = [("", NOT_SET)] + [
        (one.code, f"{one.code} {filters.text(one.name)}") for one in reference.industries()
    ]
    form.prefecture.choices = [("", NOT_SET)] + [
        (one.code, filters.text(one.name)) for one in reference.prefectures()
    ]
    return form


def contact_form(form: ContactForm) -> ContactForm:
    """Give a form its languages."""
    form.language.choices = [("ja", _("日本語")), ("en", _("英語"))]
    return form


def relationship_form(form: RelationshipForm, owners: list[User]) -> RelationshipForm:
    """Give a form its owners, kinds and the words of the exposures' steps."""
    form.owner.choices = [("", NOT_SET), *((one.public_id, one.name or one.email) for one in owners)]
    form.transaction_kind.choices = [("", NOT_SET)] + [
        (one.code, filters.text(one.name)) for one in reference.transaction_kinds()
    ]
    for field in (form.confidentiality, form.continuity, form.connectivity):
        steps = exposure(field.short_name).steps
        field.choices = [(str(step), f"{step} {filters.text(steps[step])}") for step in EXPOSURE_STEPS]
        field.choices.append(("", NOT_GRADED))
    return form


def exposure_questions() -> dict[str, str]:
    """Give what each exposure asks of the buyer, in the page's language."""
    return {one.key: filters.text(one.question) for one in exposures()}


def filled_supplier(supplier: Supplier) -> dict[str, Any]:
    """Give a supplier's facts as they stand in the form."""
    shown = {"name", "kana", "code", "corporate_number", "site", "country", "prefecture", "industry"}
    facts = {name: getattr(supplier, name) or "" for name in shown}
    return facts | {"employees": _typed(supplier.employees), "capital": _typed(supplier.capital)}


def filled_contact(contact: Contact) -> dict[str, Any]:
    """Give a contact's facts as they stand in the form."""
    return {
        name: getattr(contact, name) or "" for name in ("name", "department", "email", "phone", "language")
    }


def filled_relationship(relationship: Relationship) -> dict[str, Any]:
    """Give a relationship's facts as they stand in the form."""
    return {
        "owner": relationship.owner.public_id if relationship.owner else "",
        "owner_name": relationship.owner_name,
        "transaction_kind": relationship.transaction_kind or "",
        "confidentiality": _typed(relationship.confidentiality),
        "continuity": _typed(relationship.continuity),
        "connectivity": _typed(relationship.connectivity),
        "spend": _typed(relationship.spend),
        "tier": _typed(relationship.tier),
        "note": relationship.note,
    }


def _typed(value: int | None) -> str:
    return "" if value is None else str(value)
