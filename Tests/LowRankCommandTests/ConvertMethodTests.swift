import Foundation
import LowRank
import Testing

/// Methods that PEFT has no type for, whose updates are worked out here by their equations.
@Suite struct `A method that PEFT lacks becomes a LoRA` {
  /// The flags of training by MoRA without rotations, whose matrix is whole and of full rank.
  private static let mora = ["--method", "mora:rotating=false"]

  private func trained(_ flags: [String]) throws -> Workshop {
    let workshop = try Workshop()
    let run = try Lowrank(
      workshop.training(into: "a", "--iters", "12", "--target", "q_proj,k_proj,up_proj") + flags)
    #expect(run.status == 0, "\(run.errors)")
    return workshop
  }

  /// The updates by path of a trained adapter, of its own factors.
  private func updates(
    _ workshop: Workshop,
    by equation: (_ factors: [HostMatrix<Double>], _ site: AdaptedSite) throws -> HostMatrix<Double>
  ) throws -> [String: HostMatrix<Double>] {
    let base = try Model(from: workshop.model, precision: .float32, engine: CPUEngine())
    let adapter = try Adapter(from: workshop.place("a"), on: base, toContinue: true)
    let pairs = try zip(adapter.sites, adapter.updates).map { site, update in
      let factors = update.parameters.map { parameter in
        HostMatrix(
          base.engine.floats(adapter.values[parameter]).map(Double.init),
          rows: parameter.shape[0],
          columns: parameter.shape.count / parameter.shape[0])
      }
      return (site.path, try equation(factors, site))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// ΔW of MoRA's type 1: numbers of x that are k places apart share a column of M, outputs that are k apart a row.
  ///
  /// x is filled up with its own first numbers to a multiple of k.
  private static func shared(_ matrix: HostMatrix<Double>, _ site: AdaptedSite)
    -> HostMatrix<Double>
  {
    let (outputs, inputs, k) = (site.map.outputs, site.map.inputs, matrix.rows)
    var elements = [Double](repeating: 0, count: outputs * inputs)
    for row in 0..<outputs {
      for place in 0..<(inputs + k - 1) / k * k {
        elements[row * inputs + place % inputs] += matrix.elements[row % k * k + place % k]
      }
    }
    return HostMatrix(elements, rows: outputs, columns: inputs)
  }

  /// What an adapter that was written holds: `s·B A` of every module by path.
  private func products(_ place: URL, rank: Int) throws -> [String: HostMatrix<Double>] {
    let stored = try StoredAdapter(at: place)
    #expect(stored.config["peft_type"] == "LORA" && stored.others.isEmpty)
    let pairs = try stored.modules.map { module in
      #expect(module.rank == rank, "\(module.path)")
      let product = try module.upMatrix().multiplied(by: module.downMatrix())
      return (
        module.path,
        HostMatrix(
          product.elements.map { module.scale * $0 }, rows: product.rows, columns: product.columns)
      )
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// The squares of the singular values from a rank on, which every matrix of that rank misses at least, and of all.
  private func energy(of update: HostMatrix<Double>, beyond rank: Int) throws -> (
    lost: Double, whole: Double
  ) {
    let squares = try SingularValueDecomposition(update).values.map { $0 * $0 }
    return (squares.dropFirst(rank).reduce(0, +), squares.reduce(0, +))
  }

  /// Expects every product to be as close to its update as a matrix of its rank can be (Eckart and Young).
  @discardableResult
  private func expectBest(
    _ products: [String: HostMatrix<Double>], of updates: [String: HostMatrix<Double>], rank: Int
  ) throws -> (lost: Double, whole: Double) {
    var sum = (lost: 0.0, whole: 0.0)
    #expect(products.count == 6 && Set(products.keys) == Set(updates.keys))
    for (path, update) in updates {
      let product = try #require(products[path])
      #expect(product.rows == update.rows && product.columns == update.columns)
      let (lost, whole) = try energy(of: update, beyond: rank)
      let rest = zip(product.elements, update.elements).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
      // The factors that are written are in single precision.
      #expect(abs(rest - lost) < 1e-4 * lost + 1e-10 * whole, "\(path): \(rest), not \(lost)")
      sum = (sum.lost + lost, sum.whole + whole)
    }
    return sum
  }

  @Test(arguments: [1, 2, 3])
  func `of the rank that is asked for, which is the best approximation`(rank: Int) throws {
    let workshop = try trained(Self.mora)
    let answer = try Lowrank(
      "convert", workshop.place("a").path, "--to", "peft", "--rank", "\(rank)", "--output",
      workshop.place("l").path, "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let updates = try updates(workshop) { Self.shared($0[0], $1) }
    let (lost, whole) = try expectBest(
      products(workshop.place("l"), rank: rank), of: updates, rank: rank)
    #expect(lost > 1e-3 * whole, "nothing is cut")
    let report = try answer.json()
    #expect(report["exact"] == false && report["modules"] == 6)
    let told = try #require(report["discarded_energy"]?.double)
    #expect(abs(told / lost - 1) < 1e-4)
    let share = try #require(report["discarded_energy_share"]?.double)
    #expect(abs(share / (lost / whole) - 1) < 1e-4)
  }

  /// Without a rank nothing is cut: the matrix has k directions at most.
  @Test func `of all its directions without a rank`() throws {
    let workshop = try trained(Self.mora)
    let answer = try Lowrank(
      "convert", workshop.place("a").path, "--to", "peft", "--output", workshop.place("l").path,
      "--json")
    #expect(answer.status == 0, "\(answer.errors)")
    let stored = try StoredAdapter(at: workshop.place("l"))
    let updates = try updates(workshop) { Self.shared($0[0], $1) }
    for module in stored.modules {
      let update = try #require(updates[module.path])
      let product = try module.upMatrix().multiplied(by: module.downMatrix())
      let rest = zip(product.elements, update.elements).reduce(0) {
        let error = module.scale * $1.0 - $1.1
        return $0 + error * error
      }
      #expect(rest < 1e-10 * update.elements.reduce(0) { $0 + $1 * $1 }, "\(module.path)")
    }
    #expect(try answer.json()["discarded_energy"]?.double ?? 0 == 0)
  }

  /// What is written of these is a LoRA from the first save on; so `convert` has nothing to do, and `compress` prunes it.
  @Test(arguments: ["lotr", "tied"])
  func `at once where its update has factors, which compress prunes`(method: String) throws {
    let workshop = try trained(["--method", method])
    let updates = try updates(workshop) { factors, site in
      let scale = Double(site.scale)
      let (a, b) = (factors[0], factors[1])
      var product: HostMatrix<Double>
      if method == "lotr" {
        product = b.multiplied(by: factors[2]).multiplied(by: a)
      } else {
        // diag(v) B diag(u) A.
        let (u, v) = (factors[2].elements, factors[3].elements)
        var middle = b.elements
        for index in middle.indices {
          middle[index] *= v[index / b.columns] * u[index % b.columns]
        }
        product = HostMatrix(middle, rows: b.rows, columns: b.columns).multiplied(by: a)
      }
      product = HostMatrix(
        product.elements.map { scale * $0 }, rows: product.rows, columns: product.columns)
      return product
    }
    let whole = try expectBest(products(workshop.place("a"), rank: 2), of: updates, rank: 2)
    #expect(whole.lost < 1e-10 * whole.whole && whole.whole > 0)
    let refused = try Lowrank(
      "convert", workshop.place("a").path, "--to", "peft", "--rank", "1", "--output",
      workshop.place("l").path)
    #expect(
      refused.status == 2
        && refused.errors.contains("--rank has no effect: \(workshop.place("a").path) is a LoRA"),
      "\(refused.errors)")
    let compressed = try Lowrank(
      "compress", workshop.place("a").path, "--uniform", "1", "--output",
      workshop.place("l").path, "--json")
    #expect(compressed.status == 0, "\(compressed.errors)")
    let cut = try expectBest(products(workshop.place("l"), rank: 1), of: updates, rank: 1)
    let told = try #require(compressed.json()["discarded_energy"]?.double)
    #expect(abs(told - cut.lost) < 1e-4 * cut.lost + 1e-10 * cut.whole)
  }
}
