"""The Dockerfiles and the compose file, as far as they can be judged where no container is run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from repository.model.settings import load_settings
from tests.serve.service import ROOT

yaml = pytest.importorskip("yaml")
DEPLOY = ROOT / "deploy"
COMPOSE = DEPLOY / "compose.yaml"
VALUES = {
    "SHEAF_BASE_URL": "https://papers.example.org",
    "SHEAF_ADMIN_EMAIL": "keeper@example.org",
    "SHEAF_OAI_NAMESPACE": "papers.example.org",
    "SHEAF_DATABASE_PASSWORD": "abc",
    "SHEAF_SPARQL_PASSWORD": "def",
    "VIRTUOSO_DBA_PASSWORD": "ghi",
}
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::([-?])([^}]*))?\}")


def missing(what: str) -> None:
    reason = f"needs {what}, which has no form for this machine"
    if os.environ.get("TEST_SERVICES") == "required":
        pytest.fail(f"{reason}, though TEST_SERVICES says that it must be")
    pytest.skip(reason)


def filled() -> str:
    """With variables put in, as compose does it; one that is asked for and not in `VALUES` is an error."""
    text = COMPOSE.read_text("utf-8")
    return _VARIABLE.sub(lambda found: found[3] if found[2] == "-" else VALUES[found[1]], text)


def services() -> dict[str, dict[str, object]]:
    return yaml.safe_load(filled())["services"]


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("Dockerfile")), ids=lambda path: path.parent.name)
def test_a_linter_has_nothing_to_say_of_a_dockerfile(path):
    beside = Path(sys.executable).with_name("hadolint")
    program = str(beside) if beside.exists() else shutil.which("hadolint")
    if not program:
        missing("hadolint")
    done = subprocess.run([str(program), "--no-color", str(path)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "")


def test_what_a_dockerfile_copies_is_there_and_let_through():
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    let = [line[1:] for line in ignored if line.startswith("!")]
    text = (DEPLOY / "Dockerfile").read_text("utf-8").replace("\\\n", " ")
    copied = [
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
        for source in line.split()[:-1]
    ]
    assert len(copied) >= 5
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(source == each or source.startswith(f"{each}/") for each in let), source


def test_the_image_is_nobodys_in_particular_and_says_whether_it_lives():
    for path in DEPLOY.rglob("Dockerfile"):
        text = path.read_text("utf-8")
        assert re.search(r"^USER [1-9]\d+:[1-9]\d+$", text, re.MULTILINE), path
        assert "\nHEALTHCHECK " in text, path


def test_neither_the_environment_nor_the_base_of_the_image_keeps_its_pip():
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    stages = text.replace("\\\n", " ").split("\nFROM ")
    assert stages[-1].startswith("python:")
    for stage in stages[-2:]:
        assert re.search(r"pip uninstall -y (--\S+ )*pip\b", stage), stage


def test_a_strict_parser_takes_the_compose_file_and_would_not_take_another():
    try:
        from compose_spec import PyOptions
    except ImportError:
        missing("compose-spec")
    options = PyOptions()
    options.apply_merge = True
    read = options.from_yaml(filled())
    assert set(read.service_names()) == {"sheaf", "nginx", "postgresql", "virtuoso"}
    for wrong in ("nonsense: 1", "restart: perhaps", "tmpfs: {a: b}"):
        with pytest.raises(ValueError):
            options.from_yaml(filled().replace("    shm_size: 256m", f"    {wrong}"))


@pytest.mark.parametrize("name", ["sheaf", "nginx", "postgresql", "virtuoso"])
def test_every_service_is_bounded_and_has_no_more_than_it_needs(name):
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert "mem_limit" in service


def test_only_nginx_is_reached_from_outside():
    given = services()
    assert [name for name, service in given.items() if "ports" in service] == ["sheaf"]
    assert given["sheaf"]["ports"] == ["80:80"]
    # It listens on loopback, in the network that nginx shares.
    assert "--host" not in given["sheaf"]["command"]
    assert given["nginx"]["network_mode"] == "service:sheaf"
    assert yaml.safe_load(filled())["networks"]["stores"]["internal"] is True
    for name in ("postgresql", "virtuoso"):
        assert given[name]["networks"] == ["stores"]


def test_sheaf_takes_the_settings_that_compose_gives_it():
    environment = services()["sheaf"]["environment"]
    settings = load_settings({"SHEAF_DATA": "/var/lib/sheaf", **environment})
    assert settings.base_url == VALUES["SHEAF_BASE_URL"]
    assert settings.trusted_proxies == "127.0.0.1"


def test_the_example_of_passwords_names_what_compose_asks_for_and_no_more():
    lines = (DEPLOY / "compose.env.example").read_text("utf-8").splitlines()
    required = {line.removesuffix("=") for line in lines if re.fullmatch(r"[A-Z_]+=", line)}
    optional = {found[1] for line in lines if (found := re.match(r"# ([A-Z_]+)=", line))}
    asked = {found[1]: found[2] for found in _VARIABLE.finditer(COMPOSE.read_text("utf-8"))}
    assert required == {name for name, kind in asked.items() if kind == "?"}
    assert optional == {name for name, kind in asked.items() if kind == "-"}
