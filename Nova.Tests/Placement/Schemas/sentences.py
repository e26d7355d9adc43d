#!/usr/bin/python3
"""Reads {"schemas": [...], "values": [...], "cases": [[schema, value], ...]} and prints, as JSON, what jsonschema says of each case; null for a value that fits."""
import json
import sys
import uuid

import jsonschema

checker = jsonschema.FormatChecker()


@checker.checks('uuid')
def is_uuid(instance):
    try:
        plain = instance.replace('urn:', '').replace('uuid:', '').strip('{}').replace('-', '').lower()
        return str(uuid.UUID(instance)).replace('-', '') == plain
    except (TypeError, ValueError, AttributeError):
        return False


def says(schema, value):
    try:
        jsonschema.validate(value, schema, format_checker=checker)
    except jsonschema.ValidationError as error:
        return str(error)
    return None


asked = json.load(sys.stdin)
json.dump([says(asked['schemas'][s], asked['values'][v]) for s, v in asked['cases']], sys.stdout)
