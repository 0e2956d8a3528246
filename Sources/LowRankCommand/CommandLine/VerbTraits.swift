import ArgumentParser

/// A verb that decomposes matrices; the kernels that do so are checked first.
protocol DecomposingVerb: ParsableCommand {}

/// A verb whose work several processes share.
protocol SharedVerb: ParsableCommand {}
