import Foundation

/// A number with four digits.
func digits(_ value: Double) -> String { String(format: "%.4g", value) }

/// A loss.
func lossText(_ value: Double) -> String { String(format: "%.4f", value) }

/// A share between 0 and 1.
func shareText(_ value: Double) -> String { String(format: "%.3f", value) }
