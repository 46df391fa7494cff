from ks_reset.credentials.digests import use_key

use_key(b"of the tests, the same each time")
