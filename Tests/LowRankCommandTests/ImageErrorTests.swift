import Foundation
import LowRank
import Testing

@Suite struct `Mistakes about images` {
  @Test func `are named with the image before a step is taken`() throws {
    let workshop = try ImageWorkshop()
    let huge: [UInt8] = ImageWorkshop.png(width: 60_000, height: 60_000, lines: [0])
    for (bytes, sentence) in [
      (Array("no image".utf8), "new/train/top/x.png: the file is neither a PNG nor a JPEG image"),
      (
        huge,
        "new/train/top/x.png: the image has 60000 × 60000 pixels, expected at most 178956970 in all; make it smaller"
      ),
      (
        ImageWorkshop.png(width: 20, height: 20, lines: [0]),
        "new/train/top/x.png: the PNG image cannot be decoded: "
      ),
    ] {
      try workshop.put(bytes, at: "new/train/top/x.png")
      let answer = try Lowrank(workshop.training(into: "a", on: "new", "--iters", "2"))
      #expect(answer.status == 1 && answer.errors.contains(sentence), "\(answer.errors)")
      #expect(!FileManager.default.fileExists(atPath: workshop.place("a").path))
    }
    try FileManager.default.removeItem(at: workshop.place("new/train/top/x.png"))
    try FileManager.default.createDirectory(
      at: workshop.place("new/train/none"), withIntermediateDirectories: true)
    let empty = try Lowrank(workshop.training(into: "a", on: "new", "--iters", "2"))
    #expect(
      empty.status == 1
        && empty.errors.contains(
          "new/train/none: the class has no image; put PNG or JPEG files into its folder, or remove it"
        ), "\(empty.errors)")
  }

  @Test func `are named where the task and the model do not go together`() throws {
    let (images, texts) = (try ImageWorkshop(), try ClassifierWorkshop())
    let onTexts = try Lowrank(
      texts.training(into: "a", "--iters", "2") + ["--task", "image-classification"])
    #expect(
      onTexts.status == 2
        && onTexts.errors.contains(
          "bert reads texts, and --task image-classification is of images: give another model"),
      "\(onTexts.errors)")
    let onImages = try Lowrank(
      images.training(into: "a", on: "new", "--iters", "2") + ["--task", "classification"])
    #expect(
      onImages.status == 2
        && onImages.errors.contains(
          "vit reads images, and --task classification is of texts: give --task image-classification"
        ), "\(onImages.errors)")
    for (verb, flags) in [
      ("score", ["--ids", "1,2"]), ("embed", ["--text", "a"]),
      ("serve", ["--task", "classification"]),
    ] {
      let answer = try Lowrank([verb, "--model", images.model.path] + flags)
      #expect(answer.status == 2, "\(answer.errors)")
      #expect(
        answer.errors.contains(
          "\(verb) reads texts, but ViT") && answer.errors.contains("reads images"),
        "\(answer.errors)")
    }
    let generated = try images.ask("generate", "--prompt", "a")
    #expect(generated.status == 1 && generated.errors.contains("vit is an encoder"))
    let benched = try Lowrank("bench", "train", "--model", images.model.path)
    #expect(
      benched.status == 2 && benched.errors.contains("is of a model of images"),
      "\(benched.errors)")
  }

  @Test func `are named where a model has no trained head, or no processor`() throws {
    let workshop = try ImageWorkshop()
    let data = ["--data", workshop.place("new").path]
    let untrained = try Lowrank(
      ["evaluate", "--model", workshop.model.path, "--json"] + data)
    #expect(
      untrained.status == 1 && untrained.errors.contains("has no trained head that classifies"),
      "\(untrained.errors)")
    try FileManager.default.removeItem(
      at: workshop.model.appending(path: "preprocessor_config.json"))
    let answer = try Lowrank(workshop.training(into: "a", on: "new", "--iters", "2"))
    #expect(
      answer.status == 1 && answer.errors.contains("there is no preprocessor_config.json"),
      "\(answer.errors)")
  }

  @Test func `are named by file, line and column in a table`() throws {
    let workshop = try ImageWorkshop()
    try workshop.put(Array("no image".utf8), at: "new/x.png")
    for (lines, sentence) in [
      (
        "train/top/0.png,a\nx.png,b\n",
        "new/own.csv, line 3, column \"file_name\": \(workshop.place("new/x.png").path): the file is neither a PNG nor a JPEG image"
      ),
      (
        "train/top/0.png,a\ny.png,b\n",
        "new/own.csv, line 3, column \"file_name\": \(workshop.place("new/y.png").path): there is no such image"
      ),
      (
        ",a\ntrain/top/0.png,b\n",
        "new/own.csv, line 2, column \"file_name\": there is no image: the row names none"
      ),
      ("train/top/0.png,a\ntrain/top/1.png,\n", "new/own.csv, line 3: the label must be"),
      ("train/top/0.png\n", "new/own.csv, line 2: expected 2 fields (file_name, label), found 1"),
    ] {
      try workshop.put(Array("file_name,label\n\(lines)".utf8), at: "new/own.csv")
      let answer = try Lowrank(workshop.training(into: "a", on: "new/own.csv", "--iters", "2"))
      #expect(answer.status == 1 && answer.errors.contains(sentence), "\(answer.errors)")
    }
    try workshop.put(Array("path,kind\ntrain/top/0.png,a\n".utf8), at: "new/own.csv")
    let lacking = try Lowrank(workshop.training(into: "a", on: "new/own.csv", "--iters", "2"))
    #expect(
      lacking.status == 1
        && lacking.errors.contains(
          "new/own.csv: there is no column \"file_name\"; the columns are \"path\", \"kind\"; name the column of the images' paths with --text-column"
        ), "\(lacking.errors)")
  }

  @Test func `say nothing of an adapter where there is none`() throws {
    let workshop = try ImageWorkshop(as: "ViTForImageClassification")
    for (name, text, sentence) in [
      ("a.csv", "path,label\ntrain/top/0.png,LABEL_0\n", "there is no column \"file_name\""),
      ("b.csv", "file_name,kind\ntrain/top/0.png,LABEL_0\n", "--label-column"),
      (
        "c.csv", "file_name,label\ntrain/top/0.png,night\n",
        "the label \"night\"; the 2 that it knows are \"LABEL_0\", \"LABEL_1\""
      ),
    ] {
      try workshop.put(Array(text.utf8), at: "new/\(name)")
      let answer = try workshop.ask("evaluate", "--data", workshop.place("new/\(name)").path)
      #expect(answer.status == 1 && answer.errors.contains(sentence), "\(answer.errors)")
      #expect(!answer.errors.contains("the adapter"), "\(answer.errors)")
    }
  }

  @Test func `are named where a flag has no effect`() throws {
    let workshop = try ImageWorkshop()
    for (flags, sentence) in [
      (["--max-seq-length", "5"], "--max-seq-length has no effect here: the model reads images"),
      (["--add-tokens", "x"], "--add-tokens has no effect with --task image-classification"),
      (
        ["--packing"],
        "--packing has no effect with --task image-classification: images have one length, so there is nothing to pack"
      ),
      (
        ["--trainable-tokens", "5"],
        "--trainable-tokens has no effect with --task image-classification: images have no tokens of a vocabulary"
      ),
      (
        ["--label-smoothing", "0.1", "--data", "./nowhere"],
        "nowhere: there is no such file or folder"
      ),
    ] {
      let answer = try Lowrank(workshop.training(into: "a", on: "new", "--iters", "2") + flags)
      #expect(
        answer.status == (sentence.hasPrefix("--") ? 2 : 1) && answer.errors.contains(sentence),
        "\(answer.errors)")
    }
    let adapter = try workshop.trained()
    let text = try workshop.ask("predict", "--adapter", adapter.path, "--text", "a")
    #expect(
      text.status == 2
        && text.errors.contains("--text has no effect: the model reads images, which --data names"),
      "\(text.errors)")
    let pretrained = try Lowrank(
      "pretrain", "--task", "image-classification", "--config", workshop.place("config.json").path,
      "--tokenizer", workshop.model.path, "--data", workshop.place("old").path, "--output",
      workshop.place("m").path)
    #expect(
      pretrained.status == 2
        && pretrained.errors.contains("--tokenizer has no effect with --task image-classification"),
      "\(pretrained.errors)")
    let other = try Lowrank(
      "pretrain", "--task", "regression", "--model", workshop.model.path, "--data",
      workshop.place("old").path, "--output", workshop.place("m").path)
    #expect(
      other.status == 2 && other.errors.contains("causal") && other.errors.contains("regression"),
      "\(other.errors)")
  }
}
