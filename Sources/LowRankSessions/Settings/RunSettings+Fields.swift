/// What is done with each setting in turn: it is written, read, or described.
protocol SettingsVisitor {
  mutating func visit<Value: SettingValue>(_ key: RunKey, _ value: inout Value) throws
}

extension RunSettings {
  /// Shows every setting to a visitor: the one list of them.
  mutating func visitAll(_ visitor: inout some SettingsVisitor) throws {
    try visitModel(&visitor)
    try visitData(&visitor)
    try visitAdapter(&visitor)
    try visitSteps(&visitor)
    try visitRun(&visitor)
  }

  private mutating func visitModel(_ visitor: inout some SettingsVisitor) throws {
    try visitor.visit(.model, &model.model)
    try visitor.visit(.config, &config)
    try visitor.visit(.tokenizer, &tokenizer)
    try visitor.visit(.allow, &model.checks.allowed)
    try visitor.visit(.precision, &model.precision)
    try visitor.visit(.threads, &model.threads)
    try visitor.visit(.seed, &model.seed)
  }

  private mutating func visitData(_ visitor: inout some SettingsVisitor) throws {
    try visitor.visit(.data, &data.data)
    try visitor.visit(.textColumn, &data.textColumn)
    try visitor.visit(.labelColumn, &data.labelColumn)
    try visitor.visit(.promptColumn, &data.promptColumn)
    try visitor.visit(.completionColumn, &data.completionColumn)
    try visitor.visit(.promptTemplate, &data.promptTemplate)
    try visitor.visit(.separator, &data.separator)
    try visitor.visit(.maxSequenceLength, &data.maxSequenceLength)
    try visitor.visit(.trainOn, &data.trainOn)
    try visitor.visit(.chatTemplate, &data.chatTemplate.name)
    try visitor.visit(.trainFile, &splits.trainFile)
    try visitor.visit(.validFile, &splits.validFile)
    try visitor.visit(.testFile, &splits.testFile)
    try visitor.visit(.trainSplit, &splits.trainSplit)
    try visitor.visit(.validSplit, &splits.validSplit)
    try visitor.visit(.testSplit, &splits.testSplit)
    try visitor.visit(.validShare, &splits.validShare)
  }

  private mutating func visitAdapter(_ visitor: inout some SettingsVisitor) throws {
    try visitor.visit(.method, &adapter.method)
    try visitor.visit(.initialization, &adapter.initialization)
    try visitor.visit(.ranks, &adapter.ranks)
    try visitor.visit(.rank, &adapter.rank)
    try visitor.visit(.alpha, &adapter.alpha)
    try visitor.visit(.dropout, &adapter.dropout)
    try visitor.visit(.rslora, &adapter.rslora)
    try visitor.visit(.dora, &adapter.dora)
    try visitor.visit(.target, &adapter.target)
    try visitor.visit(.targetPattern, &adapter.targetPattern)
    try visitor.visit(.exclude, &adapter.exclude)
    try visitor.visit(.layers, &adapter.layers)
    try visitor.visit(.rankPattern, &adapter.rankPattern)
    try visitor.visit(.alphaPattern, &adapter.alphaPattern)
    try visitor.visit(.bias, &adapter.bias)
    try visitor.visit(.modulesToSave, &adapter.modulesToSave)
    try visitor.visit(.trainableTokens, &adapter.trainableTokens)
    try visitor.visit(.addTokens, &adapter.addedTokens.tokens)
    try visitor.visit(.initAdapter, &initAdapter)
  }

  private mutating func visitSteps(_ visitor: inout some SettingsVisitor) throws {
    try visitor.visit(.batchSize, &steps.batchSize)
    try visitor.visit(.gradAccumulation, &steps.gradAccumulation)
    try visitor.visit(.iters, &steps.iters)
    try visitor.visit(.epochs, &steps.epochs)
    try visitor.visit(.learningRate, &steps.learningRate)
    try visitor.visit(.schedule, &steps.schedule)
    try visitor.visit(.rateFloor, &steps.rateFloor)
    try visitor.visit(.ratePower, &steps.ratePower)
    try visitor.visit(.rateTimescale, &steps.rateTimescale)
    try visitor.visit(.warmup, &steps.warmup)
    try visitor.visit(.optimizer, &steps.optimizer)
    try visitor.visit(.weightDecay, &steps.weightDecay)
    try visitor.visit(.noDecay, &steps.noDecay)
    try visitor.visit(.adamBetas, &steps.adamBetas)
    try visitor.visit(.adamEpsilon, &steps.adamEpsilon)
    try visitor.visit(.maxGradNorm, &steps.maxGradNorm)
  }

  private mutating func visitRun(_ visitor: inout some SettingsVisitor) throws {
    try visitor.visit(.task, &task)
    try visitor.visit(.objective, &objective.objective)
    try visitor.visit(.beta, &objective.beta)
    try visitor.visit(.lossType, &objective.lossType)
    try visitor.visit(.simpoGamma, &objective.simpoGamma)
    try visitor.visit(.desirableWeight, &objective.desirableWeight)
    try visitor.visit(.undesirableWeight, &objective.undesirableWeight)
    try visitor.visit(.precomputeReference, &objective.precomputeReference)
    try visitor.visit(.metric, &metric)
    try visitor.visit(.output, &output)
    try visitor.visit(.baseDropout, &baseDropout)
    try visitor.visit(.evalEvery, &evalEvery)
    try visitor.visit(.evalRows, &evalRows)
    try visitor.visit(.saveEvery, &saveEvery)
    try visitor.visit(.saveTotalLimit, &saveTotalLimit)
    try visitor.visit(.patience, &patience)
    try visitor.visit(.labelSmoothing, &labelSmoothing)
    try visitor.visit(.noShuffle, &noShuffle)
    try visitor.visit(.resume, &resume)
    try visitor.visit(.overwrite, &overwrite)
    try visitor.visit(.compressAfter, &compressAfter)
    try visitor.visit(.tensorboard, &records.tensorboard)
    try visitor.visit(.store, &records.store)
    try visitor.visit(.noStore, &records.noStore)
    try visitor.visit(.gradCheckpointing, &plan.gradCheckpointing)
    try visitor.visit(.packing, &plan.packing)
    try visitor.visit(.memoryLimit, &plan.memoryLimit)
    try visitor.visit(.statisticsMemory, &plan.statisticsMemory)
    try visitor.visit(.dryRun, &plan.dryRun)
  }
}
