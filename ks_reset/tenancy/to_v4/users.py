"""Convert users and groups. The hash of a password stays in the vault and is the same in both versions.

kubesphere v3.3.1, staging/src/kubesphere.io/api/iam/v1alpha2/types.go; v4.1.3,
staging/src/kubesphere.io/api/iam/v1beta1.
"""

from collections.abc import Iterable

from ks_reset.catalogue.names import IDENTITY_PROVIDER_ANNOTATION, IDENTITY_PROVIDER_LABEL, ORIGIN_UID_LABEL
from ks_reset.model import BeforeImage, Skipped
from ks_reset.tenancy.to_v4.convert import Conversion, converted_object, kept_metadata, skipped_object


def convert_user(of: Conversion, past: BeforeImage) -> Iterable[BeforeImage | Skipped]:
    """Convert a User; 4.1 identifies a user of an identity provider by an annotation."""
    labels, annotations = dict(past.obj.labels), dict(past.obj.annotations)
    provider, uid = labels.pop(IDENTITY_PROVIDER_LABEL, ""), labels.pop(ORIGIN_UID_LABEL, "")
    if provider and uid:
        annotations[f"{IDENTITY_PROVIDER_ANNOTATION}.{provider}"] = uid
        yield skipped_object(of, past, f"signs in with {provider}: configure this identity provider in 4.1")
    yield converted_object(past, past.body | {"metadata": kept_metadata(past, labels, annotations)})


def convert_version(_: Conversion, past: BeforeImage) -> Iterable[BeforeImage | Skipped]:
    """Convert an object that differs only in its API version."""
    yield converted_object(past, past.body)
