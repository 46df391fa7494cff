"""Fill in the defaults of a custom resource and drop its unknown fields, as an API server does by the CRD's schema."""

from typing import Any

from ks_reset.model import Body

Schemas = dict[tuple[str, str], Body]


def read_schemas(crds: list[Body]) -> Schemas:
    """The schema of each type and version, by (apiVersion, kind)."""
    schemas = {}
    for crd in crds:
        spec = crd["spec"]
        versions = spec.get("versions") or [{"name": spec.get("version", "")}]
        for version in versions:
            schema = (version.get("schema") or spec.get("validation") or {}).get("openAPIV3Schema") or {}
            schemas[f"{spec['group']}/{version['name']}", spec["names"]["kind"]] = schema
    return schemas


def as_stored(schemas: Schemas, body: Body) -> Body:
    """The object as the server stores it; unchanged for a type without a schema here."""
    schema = schemas.get((body["apiVersion"], body["kind"])) or {}
    fields = schema.get("properties") or {}
    stored = {key: _stored(fields[key], value) if key in fields else value for key, value in body.items()}
    return stored | {"metadata": body["metadata"]}


def _stored(schema: Body, value: Any) -> Any:
    if isinstance(value, dict) and schema.get("properties"):
        fields = schema["properties"]
        kept = {k: _stored(fields[k], v) for k, v in value.items() if k in fields}
        if schema.get("x-kubernetes-preserve-unknown-fields"):
            kept = {**value, **kept}
        defaults = {k: s["default"] for k, s in fields.items() if "default" in s and k not in value}
        return kept | {k: _stored(fields[k], v) for k, v in defaults.items()}
    if isinstance(value, dict) and isinstance(schema.get("additionalProperties"), dict):
        return {k: _stored(schema["additionalProperties"], v) for k, v in value.items()}
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [_stored(schema["items"], item) for item in value]
    return value
