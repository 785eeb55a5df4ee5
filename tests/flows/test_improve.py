"""Rounds of self-improvement with the shipped base, the real engine, tables and MLflow; only the fine-tune is a LoRA of
chosen noise, so that a child is good or spoilt as the test needs it. The flow with real training is a proof."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from command import one_line, run
from typer.testing import CliRunner

import flows.improve
from corpus.normalize import content_key
from corpus.schema import ExampleRow, GenerationRow, GeometrySpec, ScoreRow
from corpus.sketches import minhashes, sketch_of
from corpus.starter import family_names, sample_examples
from corpus.store import Store
from flows.cli_registry import models_app
from flows.exit_codes import ExitCode
from flows.finetune import TokenizedData
from flows.improve import ImproveFailed, ImproveRequest, improve_here
from flows.improve_report import read_round, report_markdown
from flows.improve_round import folder_of, state_file
from flows.promote import promote, register_run
from flows.settings import Settings, load_settings
from ml.config import SHIPPED_BASE, FinetuneConfig
from ml.registry import Decision, champion, list_versions, record_decision
from ml.run_folder import FinetuneReport, read_report, write_report
from ml.self_answers import (
    Answer,
    Diversity,
    Novelty,
    choose_answers,
    diversity,
    guard_problems,
    is_of_round,
    pick_prompts,
    self_row,
    within_share,
)
from ml.tracking import Tracking, start_run

ROOT = Path(__file__).parents[2]
REQUEST = ImproveRequest(n_prompts=12, n_samples=2, temperature=0.6, max_self_share=0.4)
LORA = FinetuneConfig(lora_rank=2, lora_target_modules=("q_proj", "v_proj"), n_steps=1, n_processes=1)


def examples(n_train: int = 12, n_test: int = 8) -> list[ExampleRow]:
    """Parts that the shipped base can write; of every second training part another person's source is taught."""
    rows = []
    for split, n in (("train", n_train), ("test", n_test)):
        made = sample_examples(n, seed=5, families=family_names("base"), wording_pools=("base",), split=split)
        for i, example in enumerate(made):
            scad = f"union() {{\n{example.scad}}}\n" if split == "train" and i % 2 else example.scad
            rows.append(
                ExampleRow(
                    example_id=example.example_id,
                    sha256=content_key(scad),
                    prompt=example.prompt,
                    scad=scad,
                    split=split,
                    cluster_id=f"cluster-{split}-{i}",
                    tier="synthetic",
                    prompt_kind="synthetic",
                    source="synth",
                    license_spdx="CC0-1.0",
                    license_tier="permissive",
                    engine_id="wasm-test",
                    spec=example.spec,
                    family=example.family,
                    family_group="base",
                    wording_pool="base",
                )
            )
    return rows


@pytest.fixture
def settings(data_dir: Path) -> Settings:
    found = load_settings({}, data_dir=data_dir, compile_timeout_seconds=120.0)
    Store(found.tables_root).append("examples", examples())
    return found


@dataclass
class Faked:
    """How the fine-tunes after the first one end."""

    noise: float = 1e-4
    """Of the child's LoRA: 1e-4 leaves the base's answers, 2 spoils them."""
    is_killed: bool = False


@pytest.fixture
def faked(monkeypatch: pytest.MonkeyPatch) -> Faked:
    """Replaces the fine-tune by a LoRA with random weights, once for each content of the data."""
    fake = Faked()

    def finetune(settings: Settings, data: TokenizedData) -> FinetuneReport:
        is_first = not (settings.data_dir / "adapters").exists()
        folder = settings.data_dir / "adapters" / data.content_hash[:12]
        if (done := read_report(folder)) is not None:
            return done
        if fake.is_killed:
            raise KeyboardInterrupt
        write_adapter(folder / "adapter", std=1e-4 if is_first else fake.noise, seed=data.version)
        run = start_run(Tracking(settings.tracking_uri), run_name="tuned")
        run.log_params({**dataclasses.asdict(LORA), "tokens_version": data.version, "data_digest": data.content_hash})
        run.log_folder(folder / "adapter", "adapter")
        run.end(is_ok=True)
        report = FinetuneReport(run.run_id, 1, 0.0, None, 1, 0.0, str(folder / "adapter"))
        write_report(folder, report)
        return report

    monkeypatch.setattr(flows.improve, "finetune", finetune)
    return fake


def write_adapter(folder: Path, *, std: float, seed: int) -> None:
    import torch

    from ml.model import attach_lora, load_base, save_adapter

    torch.manual_seed(seed)
    model = attach_lora(load_base(SHIPPED_BASE), LORA)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=std)
    save_adapter(model, folder, base_model=SHIPPED_BASE)


@pytest.mark.slow
def test_rounds_refuse_a_spoilt_child_go_on_after_a_kill_and_lead_to_a_champion(
    settings: Settings, faked: Faked
) -> None:
    store, before = Store(settings.tables_root), {e.example_id for e in examples()}
    tracking = Tracking(settings.tracking_uri)

    faked.noise = 2.0
    few = dataclasses.replace(REQUEST, n_prompts=4)  # a spoilt model writes until it is cut off
    (refused,) = improve_here(settings, few).rounds
    assert refused.outcome == "refused"
    assert any("share as asked fell" in problem for problem in refused.problems)
    assert {row.example_id for row in store.rows("examples")} == before, "a refused child's rows are taken out"
    assert list_versions(tracking) == []
    assert not state_file(settings).exists()
    n_answers = len(store.keys("generations"))
    assert improve_here(settings, few).rounds == [refused], "the same round is not done again"
    assert len(store.keys("generations")) == n_answers

    faked.noise, faked.is_killed = 1e-4, True
    with pytest.raises(KeyboardInterrupt):
        improve_here(settings, REQUEST)
    assert state_file(settings).exists()
    killed_at = store.latest_version("examples")
    faked.is_killed = False
    report = improve_here(settings, REQUEST)
    (kept,) = report.rounds
    assert kept.answers.examples_version == killed_at, "the killed round's rows were published already"
    assert kept.outcome == "not_shown_to_help", "nearly the same weights can't be better"

    rows = [row for row in store.rows("examples") if row.tier == "self"]
    n_train = sum(row.split == "train" for row in store.rows("examples"))
    assert len(rows) == kept.answers.n_kept > 0
    assert len(rows) / n_train == pytest.approx(kept.answers.self_share)
    assert kept.answers.self_share <= REQUEST.max_self_share
    parents = {row.prompt: row for row in examples() if row.split == "train"}
    assert kept.against_parent is not None
    parent_model = kept.against_parent.other
    for row in rows:
        assert is_of_round(row, kept.key)
        assert (row.split, row.source, row.license_spdx) == ("train", "self-improvement", "CC0-1.0")
        assert f"model {parent_model} on synthetic example {parents[row.prompt].example_id}" in row.transformations[0]
        assert sketch_of(row.scad).exact_key != sketch_of(parents[row.prompt].scad).exact_key
        assert row.spec == parents[row.prompt].spec
    assert kept.answers.n_equal > 0, "the base's own words for what it was taught are no new information"
    assert kept.answers.n_answers == 12 * 2 == kept.answers.funnel[0].n_in
    assert kept.answers.funnel[-1].n_out == kept.answers.n_kept
    assert kept.answers.contact_sheet is not None
    assert Path(kept.answers.contact_sheet).stat().st_size > 1000
    assert read_round(folder_of(settings, kept.key) / "report.json") == kept
    assert {e.split for e in store.rows("examples") if e.example_id in before} == {"train", "test"}
    assert report.line.startswith("round 1: ")
    assert "not shown to help: child against parent" in report.line
    assert "| stage | in | out | dropped because |" in report_markdown(report)

    assert kept.child_run_id is not None
    assert refused.child_run_id is not None
    assert [v.run_id for v in list_versions(tracking)] == [kept.child_run_id]
    dry = promote(settings, kept.child_run_id, is_dry_run=True)
    assert (dry.is_promoted, dry.against, champion(tracking)) == (False, "the untuned base", None)
    assert dry.paired.n == 8
    spoilt = register_run(settings, refused.child_run_id)
    record_decision(tracking, Decision(spoilt.run_id, spoilt.version, "the untuned base", dry.paired, True))
    decision = promote(settings, kept.child_run_id)
    assert decision.is_promoted, "every answer of the spoilt champion is wrong"
    assert decision.against == f"champion version {spoilt.version}"
    best = champion(tracking)
    assert best is not None
    assert best.run_id == kept.child_run_id

    place = ["--data-dir", str(settings.data_dir)]
    listed = CliRunner().invoke(models_app, ["list", "--json", *place])
    assert [(v["run_id"], "champion" in v["aliases"]) for v in json.loads(listed.stdout)] == [
        (kept.child_run_id, True),
        (refused.child_run_id, False),
    ]
    again = run("models", "promote", kept.child_run_id, data_dir=settings.data_dir)
    assert again.returncode == ExitCode.USAGE
    assert f"is the champion already, version {best.version}" in one_line(again)


def test_another_request_takes_out_the_rows_that_were_never_judged(settings: Settings, faked: Faked) -> None:
    store = Store(settings.tables_root)
    first = dataclasses.replace(REQUEST, n_prompts=4)
    faked.noise = 1e-4
    with pytest.raises(KeyboardInterrupt):
        _kill_at_the_child(settings, faked, first)
    assert any(row.tier == "self" for row in store.rows("examples"))
    with pytest.raises(KeyboardInterrupt):
        improve_here(settings, dataclasses.replace(first, n_prompts=5))
    keys = {row.transformations[0].split(":")[0] for row in store.rows("examples") if row.tier == "self"}
    assert len(keys) == 1, "only the second round's rows are there"


def _kill_at_the_child(settings: Settings, faked: Faked, request: ImproveRequest) -> None:
    from flows.finetune import tokenize

    flows.improve.finetune(settings, tokenize(settings))
    faked.is_killed = True
    improve_here(settings, request)


def test_without_a_fine_tune_there_is_nothing_to_list(tmp_path: Path) -> None:
    result = CliRunner().invoke(models_app, ["list", "--data-dir", str(tmp_path)])
    assert result.exit_code == ExitCode.NO_DATA
    assert "`cad-copilot finetune` makes one" in result.output


def test_a_request_that_makes_no_sense_is_refused() -> None:
    for changes in ({"n_prompts": 0}, {"temperature": 0.0}, {"max_self_share": 1.0}, {"n_fresh": -1}):
        with pytest.raises(ImproveFailed, match=next(iter(changes))):
            ImproveRequest(**changes)  # type: ignore[arg-type]


def test_only_training_prompts_with_a_size_are_answered() -> None:
    rows = examples(n_train=6, n_test=3)
    vague = dataclasses.replace(rows[0], example_id="vague", prompt="a nice box", spec=GeometrySpec(n_components=1))
    own = dataclasses.replace(rows[1], example_id="own", prompt="another", tier="self")
    again = dataclasses.replace(rows[2], example_id="again", scad="cube(1);")
    picked = pick_prompts([*rows, vague, own, again], 10, seed=0, n_round=1)
    assert len(picked) == 6
    assert {row.split for row in picked} == {"train"}
    assert {row.example_id for row in picked}.isdisjoint({"vague", "own"})
    assert pick_prompts(rows, 3, seed=0, n_round=1) == pick_prompts(rows[::-1], 3, seed=0, n_round=1)
    assert pick_prompts(rows, 3, seed=0, n_round=1) != pick_prompts(rows, 3, seed=0, n_round=2)


FLAT = (1.0, 1.0, 0.0, 6.0, 22.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0)
TALL = (1.0, 1.0, 1.0, 6.0, 22.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0)


def _answer(example: ExampleRow, scad: str, index: int, shape: tuple[float, ...] = FLAT) -> Answer:
    made = _generation(example, scad, index)
    return Answer(example, made, scad, sketch_of(scad), shape)


def _generation(example: ExampleRow, scad: str | None, index: int) -> GenerationRow:
    return GenerationRow(
        generation_id=f"{example.example_id}-{index}",
        model_id="model",
        prompt_set_id="set",
        prompt_id=example.example_id,
        sample_index=index,
        prompt=example.prompt,
        completion=scad or "",
        scad=scad,
        finish_reason="stop",
        n_prompt_tokens=1,
        n_completion_tokens=10,
        seconds=0.0,
        seed=index,
    )


def test_of_the_right_answers_those_stay_that_add_something_another_shape_first() -> None:
    example = dataclasses.replace(examples(1, 0)[0], scad="w = 3;\ncube([w, 2, 1]);\n")
    texts = ["w=3; cube([w,2,1]); // the same", "a = 3;\ncube([a, 2, 1]);", "a=3; cube([a,2,1]);", "cube([3, 2, 1]);"]
    answers = [_answer(example, text, i) for i, text in enumerate(texts)]
    answers.append(_answer(example, "difference() { cube([3, 2, 1]); cube(0.1); }", 4, TALL))
    references = {example.example_id: (sketch_of(example.scad), FLAT)}
    chosen = choose_answers(answers, references, n_per_prompt=2, known={})
    assert [(a.generation.sample_index, novelty) for a, novelty in chosen.kept] == [
        (4, Novelty.SHAPE),
        (1, Novelty.TEXT),
    ]
    reasons = {a.generation.sample_index: why for a, why in chosen.dropped}
    assert reasons == {0: "equal_to_reference", 2: "duplicate", 3: "enough_for_prompt"}
    known = {(example.prompt,): frozenset({answers[1].sketch.exact_key})}
    again = choose_answers(answers[:3], references, n_per_prompt=2, known=known)
    assert again.kept == []


def test_self_answers_never_pass_their_share_and_new_shapes_go_first() -> None:
    example = examples(1, 0)[0]
    kept = [(_answer(example, f"cube({i});", i), Novelty.TEXT) for i in range(1, 9)]
    kept.append((_answer(example, "cube(9);", 9, TALL), Novelty.SHAPE))
    inside, outside = within_share(kept, n_others=14, n_self=2, max_share=0.3)
    assert (len(inside), len(outside)) == (4, 5), "6 of 20 is 30 %"
    assert inside[0][1] is Novelty.SHAPE
    assert within_share(kept, n_others=14, n_self=9, max_share=0.3)[0] == []


def test_a_row_keeps_licence_and_credit_of_its_prompt_and_tells_where_it_is_from() -> None:
    example = dataclasses.replace(
        examples(1, 0)[0], tier="real", license_spdx="CC-BY-4.0", attribution="A by B", header="h"
    )
    row = self_row(_answer(example, "cube(4);", 3), engine_id="wasm-2", round_key="abc", n_round=2, temperature=0.8)
    assert (row.tier, row.source, row.license_spdx, row.attribution) == (
        "self",
        "self-improvement",
        "CC-BY-4.0",
        "A by B",
    )
    assert (row.sha256, row.header, row.engine_id) == (content_key("cube(4);"), None, "wasm-2")
    assert row.transformations == (
        f"self-improvement abc: model model on real example {example.example_id}, round 2, sample 3, seed 3, "
        "temperature 0.8",
    )
    assert is_of_round(row, "abc")
    assert not is_of_round(row, "ab")


HEALTHY = Diversity(100, 1.0, 0.8, 0.9, 0.02, 0.95, 5.0, 80.0, 0.4)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"spec_pass_rate": 0.77}, "share as asked fell from 0.800 to 0.770"),
        ({"compile_rate": 0.9}, "share that compiles"),
        ({"distinct_shapes": 0.8}, "distinct shapes"),
        ({"commonest_shape": 0.5}, "commonest shape rose"),
        ({"entropy_bits": 4.0}, "entropy"),
        ({"mean_tokens": 20.0}, "mean length fell"),
        ({"mean_tokens": 200.0}, "mean length rose"),
        ({"distance_to_training": 0.1}, "distance to training"),
    ],
)
def test_a_child_that_lost_one_thing_is_refused_for_it(changes: dict[str, float], word: str) -> None:
    child = dataclasses.replace(HEALTHY, **changes)
    (problem,) = guard_problems(HEALTHY, child, parent_samples=HEALTHY, child_samples=HEALTHY)
    assert word in problem


def test_a_healthy_child_may_stay_and_one_with_narrow_samples_may_not() -> None:
    a_bit_worse = dataclasses.replace(HEALTHY, spec_pass_rate=0.78, distinct_shapes=0.86, entropy_bits=4.6)
    assert guard_problems(HEALTHY, a_bit_worse, parent_samples=HEALTHY, child_samples=HEALTHY) == []
    narrow = dataclasses.replace(HEALTHY, distinct_sources=0.5)
    (problem,) = guard_problems(HEALTHY, HEALTHY, parent_samples=HEALTHY, child_samples=narrow)
    assert "distinct samples fell from 0.950 to 0.500" in problem


def test_one_part_for_every_prompt_shows_in_the_measures() -> None:
    example = examples(1, 0)[0]
    same = [_generation(example, "cube([1, 2, 3]);", i) for i in range(4)]
    others = [_generation(example, f"cube([1, 2, {i + 4}]); sphere({i});", i) for i in range(3)] + [
        _generation(example, None, 3)
    ]
    training = minhashes(["cube([1, 2, 3]);"])
    collapsed = diversity(same, [_score(g, 1.0) for g in same], training)
    varied = diversity(others, [_score(g, float(i), is_compiled=i < 3) for i, g in enumerate(others)], training)
    assert (collapsed.distinct_shapes, collapsed.commonest_shape, collapsed.distinct_sources) == (0.25, 1.0, 0.25)
    assert (varied.distinct_shapes, varied.compile_rate, varied.distinct_sources) == (1.0, 0.75, 1.0)
    assert collapsed.distance_to_training == 0.0 < varied.distance_to_training
    assert collapsed.entropy_bits < varied.entropy_bits


def _score(generation: GenerationRow, volume_mm3: float, *, is_compiled: bool = True) -> ScoreRow:
    checks = [is_compiled] * 9
    return ScoreRow(generation.generation_id, "wasm-1", "2", "ok", *checks, volume_mm3=volume_mm3)


@pytest.mark.proof
def test_the_flow_trains_for_real_and_tells_what_it_found(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from prefect.testing.utilities import prefect_test_harness

    config = yaml.safe_load((ROOT / "ml" / "configs" / "tiny.yaml").read_text())
    config |= {"n_steps": 2, "n_processes": 1, "n_warmup_steps": 0, "eval_every_steps": 2, "checkpoint_every_steps": 2}
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(config))
    monkeypatch.setenv("CAD_COPILOT_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("CAD_COPILOT_TRAIN_CONFIG", str(tmp_path / "small.yaml"))
    with prefect_test_harness(server_startup_timeout=120):
        report = flows.improve.improve_flow(n_prompts=6, n_samples=2, temperature=0.6)
    (round_,) = report.rounds
    assert round_.outcome in ("helped", "not_shown_to_help", "refused")
    assert round_.answers.n_answers == 12
    assert set(round_.held_out) == {"base", "parent", "child"}
    assert round_.child_run_id != round_.parent_run_id
    assert read_round(folder_of(settings, round_.key) / "report.json") == round_
