"""The hub's recipe in guide_texts: its text, its configuration, its packages and its trial say the same thing.

The trial itself, authoring/hub.py, needs root and is run by hand.
"""

import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from test_pins import lock, names
from traitlets.config import Config

from course_utils.authoring import hub, publish
from course_utils.authoring.notebooks import ROOT

TEXT = (ROOT / "course_utils/authoring/guide_texts/hub.md").read_text(encoding="utf-8")
PINS = "course_utils/authoring/guide_texts/hub_requirements.txt"


@pytest.fixture
def config():
    """The configuration as JupyterHub reads it, with what else its file defines."""
    pytest.importorskip("pwd")
    c = Config()
    defined = {"get_config": lambda: c}
    exec(compile(hub.CONFIG.read_text(encoding="utf-8"), hub.CONFIG, "exec"), defined)
    return SimpleNamespace(c=c, **{name: value for name, value in defined.items() if name.isupper()})


@pytest.fixture
def spawner(config, tmp_path, monkeypatch):
    """What the hub hands to the configuration's functions, for a learner whose home is `tmp_path`."""
    import pwd

    monkeypatch.setattr(pwd, "getpwnam", {"ada": SimpleNamespace(pw_dir=str(tmp_path))}.get)
    return SimpleNamespace(user=SimpleNamespace(name="ada"))


def test_the_link_fetches_the_course_to_where_the_configuration_looks_and_opens_a_lesson(config):
    [address] = re.findall(r"^    (https://HUB/.+)$", TEXT, re.MULTILINE)
    link = urlsplit(address)
    asked = {name: value for name, [value] in parse_qs(link.query, strict_parsing=True).items()}
    assert link.path == "/hub/user-redirect/git-pull"
    assert set(asked) == {"repo", "branch", "targetpath", "urlpath"}
    assert asked["repo"] == f"https://github.com/{publish.name()}"
    assert asked["targetpath"] == config.COURSE == hub.COURSE
    lesson = asked["urlpath"].removeprefix(f"lab/tree/{config.COURSE}/")
    assert lesson == hub.FIRST and (ROOT / lesson).is_file()


def test_the_package_comes_from_the_folder_that_the_link_makes(config, spawner, tmp_path):
    path = Path(config.c.Spawner.environment["PYTHONPATH"](spawner))
    assert path == tmp_path / config.COURSE
    assert "-e ." not in TEXT and "regularization-course==" not in TEXT


def test_a_home_that_others_can_read_is_closed(config, spawner, tmp_path):
    tmp_path.chmod(0o755)
    config.c.Spawner.pre_spawn_hook(spawner)
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_the_configuration_does_what_the_text_says(config):
    c = config.c
    assert "--KernelManager.transport_encryption=required" in c.Spawner.args
    assert "--MappingKernelManager.cull_idle_timeout=3600" in c.Spawner.args
    assert "--timeout=3600" in c.JupyterHub.services[0]["command"] and "after an hour" in TEXT
    assert c.JupyterHub.bind_url in TEXT and "127.0.0.1" in c.JupyterHub.bind_url
    [group] = c.PAMAuthenticator.allowed_groups
    assert f"groupadd {group}\n" in TEXT and f"--groups {group} " in TEXT
    for option in re.findall(r"c\.JupyterHub\.(\w+)", TEXT):
        assert option in {*c.JupyterHub, "ssl_cert", "ssl_key", "subdomain_host"}


def test_the_commands_put_everything_where_the_configuration_expects_it(config):
    environment = re.search(r"/usr/bin/python3 -m venv (\S+)", TEXT)[1]
    assert f"npm install --prefix {environment} configurable-http-proxy@" in TEXT
    assert f"{environment}/bin/jupyterhub -f {hub.CONFIG.name}" in TEXT and f"{environment}/bin/python" in hub.__doc__
    assert config.c.ConfigurableHTTPProxy.command == [f"{sys.prefix}/node_modules/.bin/configurable-http-proxy"]
    assert config.c.Spawner.cmd == [f"{sys.prefix}/bin/jupyterhub-singleuser"]
    for file in re.findall(r"tests/\S+?\.(?:txt|py)", TEXT):
        assert (ROOT / file).is_file()


def test_the_hubs_packages_are_pinned_and_none_is_the_courses():
    assert {"jupyterhub", "jupyterhub-idle-culler", "nbgitpuller"} <= names(lock(PINS))
    assert not names(lock(PINS)) & names(lock("requirements.txt"))
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*( ; [^@/#\\]+)?", line) for line in lock(PINS))


def test_the_number_of_learners_follows_from_the_measured_memory(config):
    def number(pattern):
        return int(re.search(pattern, TEXT)[1].replace(",", ""))

    left = number(r"Of ([\d,]+) MB keep") - number(r"keep ([\d,]+) for the system")
    left -= number(r"([\d,]+) MB that the kernels share") + number(r"([\d,]+) MB for the hub")
    assert left == number(r"as above: ([\d,]+)\.")
    server, kernel = number(r"takes ([\d,]+) \+"), number(r"lesson 07, the heaviest \| ([\d,]+) MB")
    one, two = number(r"= ([\d,]+) MB, with two"), number(r"with two ([\d,]+) MB")
    assert (one, two) == (server + kernel, server + 2 * kernel)
    assert (left // one, left // two) == (number(r"holds (\d+) learners"), number(r"each, (\d+) with two"))
    assert left // two == config.c.JupyterHub.active_server_limit == number(r"active_server_limit` says (\d+)")


@pytest.mark.skipif(os.name == "nt", reason="the trial is for Linux")
def test_the_trial_says_in_one_sentence_what_it_needs(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match=r"^It makes accounts and removes them: run it as root\.$"):
        hub.main([])
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(hub, "HUB", Path("/nowhere/jupyterhub"))
    with pytest.raises(SystemExit, match=r"^There is no hub in .+: use the Python of .+\.$"):
        hub.main([])
    monkeypatch.setattr(hub, "HUB", Path(sys.executable))
    with pytest.raises(SystemExit, match=r"^There is no lesson 99\.$"):
        hub.main(["99"])
