import Foundation
import LowRank

extension Laboratory {
  /// What every report says first.
  var facts: [Report.Fact] {
    [
      .init("steps", String(options.iters)), .init("rows a step", String(options.batchSize)),
      .init("learning rate", NumberText.short(options.learningRate)),
      .init("seed", String(options.seed)),
      .init("validation rows", NumberText.integer(valid.examples.count)),
      .init("layers", String(matrices.layers.count)),
      .init("model", base.folder?.url.lastPathComponent ?? "in memory"),
      .init("data", options.data.map { URL(filePath: $0).lastPathComponent } ?? ""),
    ]
  }

  /// What every result says first.
  func json(_ name: String, _ adapters: [TrainedAdapter], _ more: JSONObject) -> JSONObject {
    JSONObject(
      [
        ("experiment", .string(name)), ("iters", .integer(options.iters)),
        ("batch_size", .integer(options.batchSize)),
        ("learning_rate", .double(options.learningRate)), ("seed", .integer(options.seed)),
        ("precision", .string(base.type.rawValue)),
        ("validation_rows", .integer(valid.examples.count)),
        ("adapters", .array(adapters.map { .object($0.json) })),
      ] + more.entries.map { ($0.key, $0.value) })
  }

  /// The adapters of an experiment, so that their folders can be found.
  func section(_ adapters: [TrainedAdapter]) -> Report.Section {
    Report.Section(
      "Adapters",
      [
        .table(
          Report.Table(
            columns: ["folder", "matrices", "rank", "parameters", "training loss", "loss"],
            rows: adapters.map { one in
              [
                .name("adapters/\(one.recipe.name)"), .text(one.recipe.symbols),
                .text(one.recipe.rankText), .integer(one.parameters), .number(one.trainingLoss),
                .number(one.loss),
              ]
            }),
          caption: "PEFT folders; the training loss is that of the last tenth of the steps.")
      ])
  }
}
