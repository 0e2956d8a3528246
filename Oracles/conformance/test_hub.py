"""Models and adapters by name: one cache for Python and us, both ways, and pushes that both read.

Everything runs against `lowrank-test-hub`, a hub on loopback:

    swift build -c release --product lowrank-test-hub
"""

import json
import os
import shutil
import time
from pathlib import Path

import filelock
import pytest
import torch
from huggingface_hub import HfApi, ModelCard, constants, hf_hub_download, snapshot_download

from adapters_fixture import load
from harness import close, peft_adapter, peft_logits, save_tokenizer, write_rows
from hub import HUB, TOKEN, Hub, environment, ours, python, start
from tiny_models import logits, random_ids

MODEL, ADAPTER = "owner/tiny", "owner/tiny-adapter"
DATASET = "owner/rows"
CARD = """---
configs:
- config_name: main
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: main/test-*
- config_name: other
  data_files: other/*.jsonl
---
"""
IDS = random_ids(30, 12, seed=3)

LOGITS = """
import json, sys, torch
from transformers import AutoModelForCausalLM
from peft import PeftModel
model = AutoModelForCausalLM.from_pretrained(
    sys.argv[1], dtype=torch.float32, attn_implementation="eager")
if len(sys.argv) > 3:
    model = PeftModel.from_pretrained(model, sys.argv[3])
with torch.no_grad():
    print(json.dumps(model.eval()(torch.tensor(json.loads(sys.argv[2]))).logits[0].tolist()))
"""


def python_logits(env: dict, model: str, *adapter) -> torch.Tensor:
    return torch.tensor(python(env, LOGITS, model, json.dumps(IDS.tolist()), *adapter))


@pytest.fixture(scope="session")
def root(fixture_models, tmp_path_factory):
    """A model with a tokenizer and an adapter of it, as they lie on a hub."""
    if not HUB.exists():
        pytest.exit(f"{HUB} is missing: swift build -c release --product lowrank-test-hub", 2)
    root = tmp_path_factory.mktemp("hub")
    model = root / MODEL
    model.mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        shutil.copy(fixture_models / "llama2" / name, model)
    save_tokenizer(model)
    adapter = peft_adapter(model, dict(), root / ADAPTER, seed=5)
    config = json.loads((adapter / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = MODEL
    (adapter / "adapter_config.json").write_text(json.dumps(config))
    (adapter / "README.md").unlink()
    for name, count in (("main/train-00000-of-00002", 8), ("main/train-00001-of-00002", 4),
                        ("main/test-00000-of-00001", 3), ("other/rows", 2)):
        write_rows(root / "datasets" / DATASET / f"{name}.jsonl",
                   [dict(question=f"{name[:1]} {'abcdefgh'[row]} ", answer=f"d {count * 'e'}")
                    for row in range(count)])
    (root / "datasets" / DATASET / "README.md").write_text(CARD)
    return root


@pytest.fixture
def hub(root, monkeypatch):
    # The hub of the tests speaks the interface of git's large files, as ours does.
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    with Hub(root) as hub:
        yield hub


def contents(folder: Path) -> dict[str, bytes]:
    """The files below a folder by their paths; of links, where they lead."""
    return {str(path.relative_to(folder)):
            os.readlink(path).encode() if path.is_symlink() else path.read_bytes()
            for path in sorted(folder.rglob("*")) if path.is_symlink() or path.is_file()}


def test_what_we_pull_python_finds_offline(hub, root, tmp_path):
    answer = ours(environment(tmp_path, hub.url), "pull", MODEL)
    ours(environment(tmp_path, hub.url), "pull", ADAPTER, "--adapter")
    hub.stop()
    cache = tmp_path / "hub"
    for file in ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"):
        found = hf_hub_download(MODEL, file, cache_dir=cache, local_files_only=True)
        assert Path(found).read_bytes() == (root / MODEL / file).read_bytes()
        assert Path(found).parent == Path(answer["folder"])
    folder = snapshot_download(MODEL, cache_dir=cache, local_files_only=True)
    assert Path(folder) == Path(answer["folder"])
    assert Path(folder).name == answer["commit"]
    offline = environment(tmp_path)
    close(python_logits(offline, MODEL), logits(load(root / MODEL), IDS), 1e-5)
    close(python_logits(offline, MODEL, ADAPTER),
          peft_logits(root / MODEL, root / ADAPTER, IDS), 1e-5)


@pytest.mark.parametrize("is_told", [True, False], ids=["offline", "hub-gone"])
def test_what_python_downloads_we_find(hub, root, tmp_path, is_told):
    for name in (MODEL, ADAPTER):
        snapshot_download(name, cache_dir=tmp_path / "hub", endpoint=hub.url)
    hub.stop()
    env = environment(tmp_path) if is_told else environment(tmp_path, hub.url)
    by_name = ours(env, "score", "--model", MODEL, "--adapter", ADAPTER, "--ids", "5,7,9,4",
                   "--precision", "f32")
    by_folder = ours(env, "score", "--model", root / MODEL, "--adapter", root / ADAPTER,
                     "--ids", "5,7,9,4", "--precision", "f32")
    assert by_name == by_folder


@pytest.mark.parametrize("name", [MODEL, ADAPTER])
@pytest.mark.parametrize("revision", ["main", "v1/a"])
def test_both_caches_are_the_same(hub, tmp_path, name, revision):
    HfApi(hub.url, token=TOKEN).create_tag(name, tag="v1/a")
    options = ["--adapter"] if name == ADAPTER else []
    answer = ours(environment(tmp_path / "ours", hub.url), "pull", f"{name}@{revision}", *options)
    snapshot_download(name, revision=revision, cache_dir=tmp_path / "python/hub",
                      endpoint=hub.url, allow_patterns=answer["files"])
    mine, theirs = (tmp_path / side / "hub" / f"models--{name.replace('/', '--')}"
                    for side in ("ours", "python"))
    for part in ("refs", "blobs", "snapshots"):
        assert contents(mine / part) == contents(theirs / part)
    locks = [{path.name for path in (side.parent / ".locks" / side.name).iterdir()}
             for side in (mine, theirs)]
    assert locks[0] == locks[1]


def test_a_dataset_we_fetch_python_finds_offline(hub, root, tmp_path):
    answer = ours(environment(tmp_path, hub.url), "pull", f"{DATASET}:main", "--dataset")
    hub.stop()
    folder = Path(snapshot_download(DATASET, repo_type="dataset", cache_dir=tmp_path / "hub",
                                    local_files_only=True))
    assert folder == Path(answer["folder"])
    for file in answer["files"]:
        found = hf_hub_download(DATASET, file, repo_type="dataset", cache_dir=tmp_path / "hub",
                                local_files_only=True)
        assert Path(found).read_bytes() == (root / "datasets" / DATASET / file).read_bytes()
    datasets = pytest.importorskip("datasets")
    rows = datasets.load_dataset(str(folder), "main", cache_dir=str(tmp_path / "rows"))
    assert {name: len(split) for name, split in rows.items()} == dict(train=12, test=3)
    # Our training reads the same rows, in the same order.
    shown = ours(environment(tmp_path), "data", "check", "--model", root / MODEL, "--data",
                 f"{DATASET}:main", "--rows", 12)
    texts = ["".join(token["text"] for token in view["tokens"] if not token["special"])
             for view in shown["files"][0]["views"]]
    assert texts == [row["question"] + row["answer"] for row in rows["train"]]


def test_both_caches_of_a_dataset_are_the_same(hub, tmp_path):
    answer = ours(environment(tmp_path / "ours", hub.url), "pull", f"{DATASET}:main", "--dataset")
    snapshot_download(DATASET, repo_type="dataset", cache_dir=tmp_path / "python/hub",
                      endpoint=hub.url, allow_patterns=answer["files"])
    mine, theirs = (tmp_path / side / "hub" / f"datasets--{DATASET.replace('/', '--')}"
                    for side in ("ours", "python"))
    for part in ("refs", "blobs", "snapshots"):
        assert contents(mine / part) == contents(theirs / part)


def test_a_dataset_that_python_downloads_we_find(hub, root, tmp_path):
    snapshot_download(DATASET, repo_type="dataset", cache_dir=tmp_path / "hub", endpoint=hub.url)
    hub.stop()
    options = ("evaluate", "--model", root / MODEL, "--precision", "f32", "--data")
    by_name = ours(environment(tmp_path), *options, f"{DATASET}:main")
    by_folder = ours(environment(tmp_path), *options, f"{root / 'datasets' / DATASET}:main")
    assert by_name == by_folder


def lock_of(cache: Path, hub: Hub, file: str) -> Path:
    info = HfApi(hub.url).model_info(MODEL, files_metadata=True)
    entry = next(one for one in info.siblings if one.rfilename == file)
    etag = entry.lfs.sha256 if entry.lfs else entry.blob_id
    return cache / ".locks" / f"models--{MODEL.replace('/', '--')}" / f"{etag}.lock"


@pytest.mark.parametrize("file", ["model.safetensors", "config.json"])
def test_we_wait_for_a_lock_of_python(hub, tmp_path, file):
    place = lock_of(tmp_path / "hub", hub, file)
    place.parent.mkdir(parents=True)
    blob = tmp_path / "hub" / place.parent.name / "blobs" / place.stem
    with filelock.FileLock(place):
        process = start(environment(tmp_path, hub.url), "pull", MODEL)
        time.sleep(2)
        assert process.poll() is None
        assert not blob.exists()
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert blob.exists()


def test_python_waits_for_a_lock_of_ours(hub, tmp_path):
    hub.fail(kind="stall", path="/_store/files/", amount=1000, seconds=4, times=1)
    place = lock_of(tmp_path / "hub", hub, "model.safetensors")
    process = start(environment(tmp_path, hub.url), "pull", MODEL)
    while not any("/_store/files/" in one["path"] for one in hub.log()):
        time.sleep(0.05)
        assert process.poll() is None
    with pytest.raises(filelock.Timeout):
        filelock.FileLock(place).acquire(timeout=0.5)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    with filelock.FileLock(place, timeout=0.5):
        pass


def test_what_we_push_python_reads(hub, root, tmp_path):
    adapter = shutil.copytree(root / ADAPTER, tmp_path / "adapter")
    (adapter / "state").mkdir()
    (adapter / "state/secret.txt").write_text("not to be sent")
    env = environment(tmp_path / "home", hub.url, HF_TOKEN=TOKEN)
    answer = ours(env, "push", adapter, "me/mine", "--license", "apache-2.0", "--message", "First")
    assert answer["url"] == f"{hub.url}/me/mine"
    assert (answer["name"], answer["revision"]) == ("me/mine", "main")
    sent = ["README.md", "adapter_config.json", "adapter_model.safetensors"]
    assert sorted(answer["files"]) == sent
    assert answer["bytes_uploaded"] > (adapter / "adapter_model.safetensors").stat().st_size

    api = HfApi(hub.url, token=TOKEN)
    info = api.model_info("me/mine", files_metadata=True)
    assert info.sha == answer["commit"]
    assert sorted(one.rfilename for one in info.siblings) == [".gitattributes", *sent]
    assert [one.title for one in api.list_repo_commits("me/mine")] == ["First", "initial commit"]
    stored = {one.rfilename: one.lfs is not None for one in info.siblings}
    assert [stored[name] for name in sent] == [False, False, True]
    folder = Path(snapshot_download("me/mine", cache_dir=tmp_path / "cache", endpoint=hub.url))
    for name in sent[1:]:
        assert (folder / name).read_bytes() == (adapter / name).read_bytes()
    # Python finds every hash as it makes it: the same files are no new commit.
    again = api.upload_folder(repo_id="me/mine", folder_path=folder)
    assert again.oid == answer["commit"]

    online = environment(tmp_path / "python", hub.url)
    close(python_logits(online, MODEL, "me/mine"),
          peft_logits(root / MODEL, root / ADAPTER, IDS), 1e-5)
    check_card(ModelCard.load(folder / "README.md"), license="apache-2.0")

    hub.fail(kind="status", path="/commit/", status=500)
    assert ours(env, "push", adapter, "me/mine", "--license", "apache-2.0")["files"] == []


def check_card(card: ModelCard, **more):
    assert card.data.to_dict() == more | dict(
        base_model=MODEL, base_model_relation="adapter", library_name="peft",
        pipeline_tag="text-generation", tags=["lora", "lowrank"])
    assert MODEL in card.text


def test_python_pushes_on_top_of_ours(hub, root, tmp_path):
    env = environment(tmp_path / "home", hub.url, HF_TOKEN=TOKEN)
    ours(env, "push", root / ADAPTER, "me/shared")
    api = HfApi(hub.url, token=TOKEN)
    api.upload_file(path_or_fileobj=b"more\n", path_in_repo="NOTES.md", repo_id="me/shared")
    changed = shutil.copytree(root / ADAPTER, tmp_path / "adapter")
    (changed / "README.md").write_text("---\nlicense: mit\n---\nmine\n")
    answer = ours(env, "push", changed, "me/shared", "--create-pr")
    assert answer["files"] == ["README.md"]
    assert answer["revision"] == "refs/pr/1"
    assert "NOTES.md" in api.list_repo_files("me/shared", revision="refs/pr/1")
    kept = hf_hub_download("me/shared", "README.md", revision="refs/pr/1", endpoint=hub.url,
                           cache_dir=tmp_path / "cache")
    assert Path(kept).read_text() == "---\nlicense: mit\n---\nmine\n"


def test_the_card_of_a_run_says_how_it_was_made(hub, root, tmp_path):
    write_rows(tmp_path / "rows/train.jsonl", [dict(text="a b c d e f")] * 12)
    write_rows(tmp_path / "rows/valid.jsonl", [dict(text="a b c d")] * 3)
    env = environment(tmp_path / "home", hub.url, HF_TOKEN=TOKEN)
    run = ours(env, "train", "--model", MODEL, "--data", tmp_path / "rows", "--adapter-path",
               tmp_path / "mine", "--rank", 4, "--rank-pattern", "v_proj=2", "--iters", 6,
               "--eval-every", 3, "--seed", 11, "--precision", "f32", "--target", "q_proj,v_proj")
    answer = ours(env, "push", tmp_path / "mine", "me/trained")
    assert not any("state" in name for name in answer["files"])
    assert "lowrank.json" in answer["files"]
    path = hf_hub_download("me/trained", "README.md", cache_dir=tmp_path / "c", endpoint=hub.url)
    card = ModelCard.load(path)
    check_card(card)
    state = json.loads(next((tmp_path / "mine/state").glob("step-*6/state.json")).read_text())
    facts = json.loads((tmp_path / "mine/lowrank.json").read_text())
    for fact in (state["settings"]["data"], facts["base_fingerprint"], "| Name | rows |",
                 "| Seed | 11 |", "| Steps | 6 |", f"{run['valid_loss']:.4f}", "Measured after step 6, the last.",
                 "2 to 4, see below",
                 "model.layers.0.self_attn.v_proj", f"{run['trainable_parameters']:,}",
                 "| Precision | F32 |", "| Learning rate | 0.0002 |"):
        assert fact in card.content, fact
    assert str(tmp_path) not in card.content
    assert "/" + str(tmp_path).split("/")[1] + "/" not in card.content
