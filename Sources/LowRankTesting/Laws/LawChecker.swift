import LowRankAdapters
import LowRankTensors
import LowRankTransformers

/// Checks a method against every law, on a tiny GPT-2 and a tiny Llama in the reference engine.
///
/// It is tried on all linear maps; on slices of the fused map where it adapts slices; and on embeddings and a head where it
/// has an update for tables.
/// - Throws: what making, saving or loading the adapter throws; a broken law is reported, not thrown.
public func checkLaws(
  of method: any Method, ranks: PatternRanks = PatternRanks(rank: 2, alpha: 3), seed: UInt64 = 1
) throws -> LawReport {
  let engine = ReferenceEngine()
  let gpt2 = try TinyModels.gpt2(on: engine, seed: seed)
  let llama = try TinyModels.llama(on: engine, seed: seed)
  var trials: [(String, Model, Target)] = [
    ("GPT-2, all linear maps", gpt2, .allLinear), ("Llama, all linear maps", llama, .allLinear),
  ]
  if method.adaptsSlices || method.isSavedAsLoRA {
    trials.append(("GPT-2, slices of c_attn", gpt2, .queryValue))
  }
  if try method.adaptsTables(of: llama) {
    trials.append(("GPT-2, tied embeddings", gpt2, .named("wte", "c_fc")))
    trials.append(("Llama, embeddings and head", llama, .named("embed_tokens", "lm_head")))
  }
  var report = LawReport()
  for (name, model, target) in trials {
    let configuration = AdapterConfiguration(target: target, method: method, ranks: ranks)
    // Ranks by pattern are meant for one of the two models.
    let adapter: Adapter
    do {
      adapter = try Adapter(on: model, tolerating: configuration, seed: seed)
    } catch AdapterError.cannotAdapt where name == "GPT-2, all linear maps" {
      // A type of PEFT may not hold Conv1D.
      continue
    }
    var trial = LawTrial(name: name, fresh: adapter, seed: seed)
    try trial.check()
    report.checked.formUnion(trial.checked)
    report.violations += trial.violations
  }
  return report
}

extension Method {
  fileprivate func adaptsTables(of model: Model) throws -> Bool {
    do {
      _ = try Adapter(
        on: model,
        configuration: AdapterConfiguration(
          target: .named("embed_tokens"), method: self, ranks: PatternRanks(rank: 1)))
      return true
    } catch AdapterError.cannotAdapt {
      return false
    }
  }
}
