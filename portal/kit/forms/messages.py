"""Every message of WTForms and Flask-WTF in the reader's language: they ship no Vietnamese."""

from portal.kit.i18n import _, _l, form_of


class Messages:
    """The translations object that WTForms asks: our own catalogue answers."""

    def gettext(self, string: str) -> str:
        return _(string)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return form_of(singular, plural, n)  # WTForms fills it in


# The libraries' own msgids, named here so that the catalogue holds them and a test notices a new one.
BUILT_IN = (
    _l("CSRF failed."),
    _l("CSRF token expired."),
    _l("CSRF token missing."),
    _l("Choices cannot be None."),
    _l("Date must be at least %(min)s."),
    _l("Date must be at most %(max)s."),
    _l("Date must be between %(min)s and %(max)s."),
    _l("Field cannot be longer than %(max)d character."),
    _l("Field must be at least %(min)d character long."),
    _l("Field must be between %(min)d and %(max)d characters long."),
    _l("Field must be equal to %(other_name)s."),
    _l("Field must be exactly %(max)d character long."),
    _l("File does not have an approved extension."),
    _l("File does not have an approved extension: {extensions}"),
    _l("Invalid CSRF Token."),
    _l("Invalid Choice: could not coerce."),
    _l("Invalid IP address."),
    _l("Invalid Mac address."),
    _l("Invalid URL."),
    _l("Invalid UUID."),
    _l("Invalid choice(s): one or more data inputs could not be coerced."),
    _l("Invalid email address."),
    _l("Invalid field name '%s'."),
    _l("Invalid input."),
    _l("Invalid value, can't be any of: %(values)s."),
    _l("Invalid value, must be one of: %(values)s."),
    _l("Not a valid choice."),
    _l("Not a valid date value."),
    _l("Not a valid datetime value."),
    _l("Not a valid decimal value."),
    _l("Not a valid float value."),
    _l("Not a valid integer value."),
    _l("Not a valid time value."),
    _l("Not a valid week value."),
    _l("Number must be at least %(min)s."),
    _l("Number must be at most %(max)s."),
    _l("Number must be between %(min)s and %(max)s."),
    _l("The CSRF session token is missing."),
    _l("The CSRF token has expired."),
    _l("The CSRF token is invalid."),
    _l("The CSRF token is missing."),
    _l("The CSRF tokens do not match."),
    _l("This field cannot be edited."),
    _l("This field is disabled and cannot have a value."),
    _l("This field is required."),
    _l("'%(value)s' is not a valid choice for this field."),
)
