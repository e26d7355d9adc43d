"""Says whether instances fit schemas, one JSON pair per line, as Debian's jsonschema sees it in the dialect of the reference."""
import base64
import datetime
import json
import re
import sys
import unicodedata
import uuid

import jsonschema

formats = jsonschema.FormatChecker(formats=["ipv4", "ipv6"])


def check(name):
    def add(rule):
        formats.checks(name, (ValueError, re.error))(lambda value: not isinstance(value, str) or rule(value))
        return rule
    return add


@check("uuid")
def is_uuid(text):
    plain = text.replace("urn:", "").replace("uuid:", "").strip("{}").replace("-", "").lower()
    return str(uuid.UUID(text)).replace("-", "") == plain


@check("regex")
def is_regex(text):
    return bool(text) and re.compile(text) is not None


@check("date-time")
def is_time(text):
    return datetime.datetime.fromisoformat(text) is not None


@check("base64")
def is_base64(text):
    return base64.b64decode(re.sub(r"\s", "", text), validate=True) is not None


def printable(text, without=""):
    hidden = ("Cc", "Cf", "Co", "Cn", "Cs", "Zl", "Zp")
    return all(ord(c) < 0x10000 and c not in without and unicodedata.category(c) not in hidden for c in text)


@check("name")
def is_name(text):
    return printable(text) and text.strip() == text != ""


@check("name_with_leading_trailing_spaces")
def is_loose_name(text):
    return printable(text) and text.strip() != ""


@check("az_name")
def is_zone(text):
    return printable(text, ":") and text.strip() == text != ""


@check("az_name_with_leading_trailing_spaces")
def is_loose_zone(text):
    return printable(text, ":") and text.strip() != ""


def number(value):
    for kind in (int, float):
        try:
            return kind(value)
        except (TypeError, ValueError):
            pass
    return None


def bound(name):
    original = jsonschema.Draft202012Validator.VALIDATORS[name]

    def validate(validator, limit, instance, schema):
        value = number(instance)
        return None if value is None else original(validator, limit, value, schema)
    return validate


Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"minimum": bound("minimum"), "maximum": bound("maximum")})
known = {}
for line in sys.stdin:
    pair = json.loads(line)
    schema = json.dumps(pair["schema"])
    if schema not in known:
        known[schema] = Validator(pair["schema"], format_checker=formats)
    print("1" if known[schema].is_valid(pair["instance"]) else "0")
