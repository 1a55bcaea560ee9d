"""A JupyterHub for a class: the accounts of one Linux machine, one shared environment, a home folder for each learner.

Start it with `jupyterhub -f jupyterhub_config.py` from the environment's own bin folder, as root.
"""

import pwd
import sys
from pathlib import Path

c = get_config()  # noqa: F821  JupyterHub puts it here

ENVIRONMENT = Path(sys.prefix)  # the one that runs this hub: the hub's packages and the course's
COURSE = "regularization-course"  # the folder in each home that the link makes; its `targetpath` says the same
HOUR = 60 * 60


def home(spawner):
    return Path(pwd.getpwnam(spawner.user.name).pw_dir)


def close_home(spawner):
    """Most systems let everyone read a new home folder."""
    home(spawner).chmod(0o700)


# This machine only, until you give the hub a certificate: learners type their passwords here.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.ConfigurableHTTPProxy.command = [str(ENVIRONMENT / "node_modules/.bin/configurable-http-proxy")]

# Whoever is in this group of the machine's may log in, with the machine's password.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"learners"}

# Everyone's own server runs under their own account.
c.JupyterHub.spawner_class = "localprocess"
c.Spawner.pre_spawn_hook = close_home
c.Spawner.notebook_dir = "~"
c.Spawner.default_url = "/lab"
c.Spawner.cmd = [str(ENVIRONMENT / "bin/jupyterhub-singleuser")]
c.Spawner.environment = {
    "PATH": f"{ENVIRONMENT / 'bin'}:/usr/local/bin:/usr/bin:/bin",  # so that terminals find jupyter
    # `course_utils` comes from the folder that the lessons come from, so the two are always of one version.
    "PYTHONPATH": lambda spawner: str(home(spawner) / COURSE),
}
c.Spawner.args = [
    # Else everybody with an account can read along what kernels print.
    "--KernelManager.transport_encryption=required",
    # A lesson left open holds its memory. One that has not run a cell for an hour is stopped, even in an open tab.
    f"--MappingKernelManager.cull_idle_timeout={HOUR}",
    "--MappingKernelManager.cull_connected=True",
]

# As many servers as 16 GB of memory hold (see the guide). When a whole class comes at once, they start slowly.
c.JupyterHub.active_server_limit = 13
c.Spawner.start_timeout = c.Spawner.http_timeout = 120

# Servers that nobody has used for an hour are stopped; what is saved stays.
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={HOUR}", "--cull-every=300"],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]
