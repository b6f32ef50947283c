"""Every setting, once. A value here must be right for production and fit to be public.

Each can be given from outside as PORTAL_<NAME>; see README.md for the few that operators set.
"""
from collections.abc import Sequence
from datetime import timedelta


class Default:
    # 32 random characters at least; no default: the portal refuses to start without one. Every key is worked out from
    # it (portal/kit/secret_keys.py). To exchange it: the new one here, the old one below until no session of it lives.
    SECRET_KEY: str | None = None
    # Secrets that were in force before: what was made with one of them is still read, nothing new is made with it.
    SECRET_KEY_FALLBACKS: Sequence[str] = ()
    DATABASE_URL = "sqlite:///var/portal.sqlite"
    # A second role of PostgreSQL, which owns the tables and migrates: rows are then guarded there too.
    OWNER_DATABASE_URL: str | None = None
    # How long a request waits, in seconds, for PostgreSQL to be reached, for an answer of it, for a lock (SQLite's one
    # writer too); how long it may sit on a transaction. Then the page says so. Jobs and commands: JOB_STATEMENT_S.
    DATABASE_CONNECT_S = 3
    DATABASE_STATEMENT_S = 10.0
    DATABASE_LOCK_S = 5.0
    DATABASE_IDLE_S = 30.0
    JOB_STATEMENT_S = 1800.0
    # Hosts follow the clock of PostgreSQL, where theirs is off.
    DATABASE_CLOCK = True
    # A port on which /healthz and /readyz are answered beside all requests; 0: only among them.
    HEALTH_PORT = 0
    # A disk with less room is said to be full: no files are taken any more, and /readyz says so.
    DISK_FREE_BYTES = 200_000_000
    FILES_FOLDER = "var/files"

    # Demonstration people and dossiers exist only where somebody asked for them.
    DEMONSTRATION = False
    # Their passwords are public: a demonstration answers to this machine's and private networks' names only, until this
    # says that it may stand in public.
    DEMONSTRATION_IN_PUBLIC = False

    # The names this portal answers to; a request for another host is refused (forged Host header).
    TRUSTED_HOSTS: Sequence[str] = ("localhost", "127.0.0.1", "[::1]")
    # What is printed on papers and in QR codes. None: made from the first trusted host and PORT.
    PUBLIC_URL: str | None = None
    # Plain HTTP is for one's own machine: with it cookies lose Secure and the __Host- prefix.
    INSECURE_HTTP = False
    # How many proxies stand in front and may be believed about the client's address.
    TRUSTED_PROXIES = 0

    # Dossier pages that one address may read in a minute, over all web processes; 0: no limit. A carrier has thousands
    # of customers behind one address: what bounds who walks through the codes is the second, of codes that nobody has.
    PUBLIC_READS_PER_MINUTE = 3_000
    PUBLIC_MISSES_PER_MINUTE = 120

    # Who publishes the open data, and under which licence. Without a contact (an e-mail address), /about is named.
    PUBLISHER_NAME = "Cổng dịch vụ công (sản phẩm độc lập, không phải cơ quan nhà nước)"
    PUBLISHER_CONTACT: str | None = None
    LICENCE_NAME = "CC BY 4.0"
    LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"

    # Two digits with which the running number of every code given here begins (Circular 04/2025/TT-VPCP). Rows that
    # agencies' systems push may not have a code of this series: choose digits with which none of theirs begin.
    CODE_SERIES = "99"

    # Networks that are not public, in which subscribers of changes may be called: the State's own, such as 10.0.0.0/8.
    CALL_NETWORKS: Sequence[str] = ()

    # How many days before a task of the Government is due its agency is reminded; the day after, and each week while
    # it is late, it is reminded anyway.
    TASK_REMINDERS: Sequence[int] = (7, 1)

    MAX_CONTENT_LENGTH = 60 * 1024 * 1024
    MAX_FORM_MEMORY_SIZE = 1024 * 1024
    MAX_FORM_PARTS = 400
    ATTACHMENT_BYTES = 10_000_000
    DOSSIER_BYTES = 50_000_000

    # Messages between agencies: how large one may be (a file of 50 MB as base64, in lines, and what is said beside
    # it), and each file in it once unpacked. A message that was fetched and not acknowledged is offered again
    # after EXCHANGE_LEASE_S; after so many tries, each given so many seconds after the one before, it is parked until
    # somebody sends it again.
    EXCHANGE_BYTES = 72 * 1024 * 1024
    EXCHANGE_ATTACHMENT_BYTES = 64 * 1024 * 1024
    EXCHANGE_LEASE_S = 300.0
    EXCHANGE_PATIENCE_S: Sequence[float] = (10.0, 60.0, 300.0, 1800.0, 7200.0)

    # What one person may send, begin and hand in on one day; 0: no limit. Each is said on the pages before it is met.
    UPLOAD_BYTES_A_DAY = 200_000_000
    DRAFTS_A_DAY = 50
    SUBMISSIONS_A_DAY = 50

    # The virus scanner: unix:/run/clamav/clamd.ctl, or host:port. While one is set, or required, no file is shown
    # before it was found clean; without one, the pages of officers say that files were not scanned.
    CLAMD: str | None = None
    SCAN_REQUIRED = False

    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    SESSION_COOKIE_PATH = "/"
    WTF_CSRF_TIME_LIMIT = None  # bound to the session instead: a long form must not go stale
    WTF_CSRF_SSL_STRICT = False  # the Origin check in kit/web.py covers plain and TLS alike

    IDLE_OFFICER = timedelta(minutes=30)
    IDLE_CITIZEN = timedelta(minutes=60)
    SESSION_LIMIT = timedelta(hours=12)

    # How long ago somebody may have proved who they are (by a second factor where they have one) before deciding,
    # adding people, ending accounts and what else needs it once more.
    STEP_UP = timedelta(minutes=10)

    # Argon2id, OWASP's second recommended set: 19 MiB, two passes, one lane.
    ARGON2_MEMORY_KIB = 19 * 1024
    ARGON2_PASSES = 2

    SMTP_URL: str | None = None  # smtp://user:password@host:port ; without it nothing is mailed
    MAIL_FROM = "khong-tra-loi@localhost"
    # Letters hold codes and names: a server that offers no TLS gets none unless this says so, as of a relay on this
    # very machine.
    MAIL_WITHOUT_TLS = False

    # How many processes of a worker do jobs in each lane, where not one: "slow=2,outside=3"; 0 leaves a lane to others.
    JOB_RUNNERS = ""
    # How long a job stays a worker's that is not heard of any more, in seconds; it says so four times as often.
    JOB_LEASE_S = 60.0

    # How long a process may show an older edition of the catalogue, in seconds.
    CATALOGUE_LOOK_AGAIN_S = 5.0


class Testing(Default):
    TESTING = True
    DATABASE_CLOCK = False  # tests travel in time
    SECRET_KEY = "testing-only, and long enough for the start"  # noqa: S105
    DATABASE_URL = "sqlite:///:memory:"
    INSECURE_HTTP = True
    MAIL_WITHOUT_TLS = True
    CATALOGUE_LOOK_AGAIN_S = 0.0
    PUBLIC_READS_PER_MINUTE = 0
    PUBLIC_MISSES_PER_MINUTE = 0
    WTF_CSRF_ENABLED = False  # tests/house switches it on where it is the subject
    STEP_UP = timedelta(days=1)  # tests whose subject it is set it
    ARGON2_MEMORY_KIB = 8
    ARGON2_PASSES = 1
    TRUSTED_HOSTS = ("localhost", "127.0.0.1", "portal.test")
    SERVER_NAME = None
