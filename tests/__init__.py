from ks_reset.credentials.digests import use_key

DIGEST_KEY = b"of the tests, the same each time"
use_key(DIGEST_KEY)
