"""Writes Tests/LowRankTrainingTests/Fixtures/optimizers.json: steps of optimizers of factors on one pair, in f64.

Every rule is written down from its paper's formulas, by another way than ours where there is one: QR instead of polar
decompositions for LoRA-RITE, Riccati's equation by eigenvectors for RefLoRA, a linear system of all entries for
LoRA-Pro's Sylvester equation. Run from the package's root."""

import json
from pathlib import Path

import numpy as np

OUTPUT = Path("Tests/LowRankTrainingTests/Fixtures/optimizers.json")
OUTPUTS, RANK, INPUTS, STEPS, SCALE, RATE = 4, 2, 5, 6, 2.0, 0.05
BETA1, BETA2, EPSILON, DECAY = 0.75, 0.875, 1e-3, 0.125
WARMUP, DAMPING, MOMENTUM = 2, 0.01, 0.75
inverse, eye = np.linalg.inv, np.eye(RANK)


class Adam:
    """AdamW on one array."""

    def __init__(self, shape):
        self.m, self.v, self.t = np.zeros(shape), np.zeros(shape), 0

    def step(self, value, gradient, rate=RATE):
        self.t += 1
        self.m = BETA1 * self.m + (1 - BETA1) * gradient
        self.v = BETA2 * self.v + (1 - BETA2) * gradient**2
        m, v = self.m / (1 - BETA1**self.t), self.v / (1 - BETA2**self.t)
        return value * (1 - rate * DECAY) - rate * m / (np.sqrt(v) + EPSILON)


class Plain:
    """AdamW on both factors, of gradients that a rule changes."""

    def __init__(self):
        self.a, self.b = Adam((RANK, INPUTS)), Adam((OUTPUTS, RANK))

    def change(self, a, b, ga, gb, t):
        return ga, gb

    def step(self, a, b, ga, gb, t):
        ga, gb = self.change(a, b, ga, gb, t)
        return self.a.step(a, ga), self.b.step(b, gb)


class Plus(Plain):
    def step(self, a, b, ga, gb, t):
        return self.a.step(a, ga), self.b.step(b, gb, 16 * RATE)


class FA(Plain):
    def step(self, a, b, ga, gb, t):
        return a, self.b.step(b, gb @ inverse(a @ a.T + 1e-8 * eye) / SCALE**2)


class Ro(Plain):
    def step(self, a, b, ga, gb, t):
        return (a, self.b.step(b, gb)) if t % 2 == 0 else (self.a.step(a, ga), b)


class Scaled(Plain):
    def change(self, a, b, ga, gb, t):
        return inverse(b.T @ b + DAMPING * eye) @ ga, gb @ inverse(a @ a.T + DAMPING * eye)


class Pro(Plain):
    def change(self, a, b, ga, gb, t):
        ib, ia = inverse(b.T @ b + 1e-8 * eye), inverse(a @ a.T + 1e-8 * eye)
        right = -ib @ ga @ a.T / SCALE**2
        # vec(C X + X D) = (C ⊗ I + I ⊗ Dᵀ) vec(X), row by row.
        system = np.kron(b.T @ b, eye) + np.kron(eye, (a @ a.T).T)
        x = np.linalg.solve(system, right.flatten()).reshape(RANK, RANK)
        new_a = ib @ ga / SCALE**2 + x @ a
        new_b = (np.eye(OUTPUTS) - b @ ib @ b.T) @ gb @ ia / SCALE**2 - b @ x
        return new_a, new_b


class Ref(Plain):
    def change(self, a, b, ga, gb, t):
        if t < WARMUP:
            return ga, gb
        values, va = np.linalg.eigh(a @ a.T)
        sa = np.sqrt(values)
        m = b @ va * sa
        squares, vm = np.linalg.eigh(m.T @ m)
        sm = np.sqrt(squares)
        left, right = va / sa @ vm, va * sa @ vm
        s, s_inverse = left * sm @ left.T, right / sm @ right.T
        assert np.allclose(s @ (a @ a.T) @ s, b.T @ b, atol=1e-9)
        assert np.allclose(s @ s_inverse, eye, atol=1e-6)
        return s_inverse @ ga, gb @ s


class RefScalar(Plain):
    def step(self, a, b, ga, gb, t):
        a, b = super().step(a, b, ga, gb, t)
        s = np.linalg.norm(b) / np.linalg.norm(a)
        for adam, factor in ((self.a, np.sqrt(s)), (self.b, 1 / np.sqrt(s))):
            adam.m, adam.v = adam.m / factor, adam.v / factor**2
        return a * np.sqrt(s), b / np.sqrt(s)


class Alt:
    """Momentum of projected gradients, one factor a step."""

    def __init__(self):
        self.ma, self.mb = None, None

    def step(self, a, b, ga, gb, t):
        delta = 1e-6 * eye
        mix = lambda old, new: (1 - MOMENTUM) * new + (0 if old is None else MOMENTUM * old)
        if t % 2 == 0:
            self.mb = mix(self.mb, gb @ inverse(a @ a.T + delta) / SCALE**2)
            new = b - RATE * (self.mb + DECAY * b)
            if self.ma is not None:
                self.ma = inverse(new.T @ new + delta) @ new.T @ b @ self.ma
            return a, new
        self.ma = mix(self.ma, inverse(b.T @ b + delta) @ ga / SCALE**2)
        new = a - RATE * (self.ma + DECAY * a)
        self.mb = self.mb @ a @ new.T @ inverse(new @ new.T + delta)
        return new, b


class RITE:
    """Its own Adam, in bases of QR decompositions."""

    def __init__(self):
        self.state = None

    def step(self, a, b, ga, gb, t):
        pinv = lambda m: np.linalg.pinv(m, rcond=1e-9)
        qb, rb = np.linalg.qr(b)
        qa, ra = np.linalg.qr(a.T)
        na, nb = pinv(rb).T @ ga, gb @ pinv(ra)
        na, nb = (g * (np.sqrt(np.mean(g**2)) <= 1) for g in (na, nb))
        norm = np.sqrt((na**2).sum() + (nb**2).sum())
        na, nb = na / max(1, norm), nb / max(1, norm)
        hat = lambda beta: beta * (1 - beta**t) / (1 - beta ** (t + 1))
        b1, b2 = hat(BETA1), hat(BETA2)
        va, vb = (1 - b2) * na @ na.T / INPUTS, (1 - b2) * nb.T @ nb / OUTPUTS
        if self.state:
            oqa, oqb, ova, ovb, oma, omb = self.state
            pa, pb = qb.T @ oqb, qa.T @ oqa
            va, vb = va + b2 * pa @ ova @ pa.T, vb + b2 * pb @ ovb @ pb.T

        def root(v):
            w, u = np.linalg.eigh((v + v.T) / 2)
            return u * np.where(w >= 0, 1 / (np.sqrt(np.maximum(w, 0)) + 1e-6), 0) @ u.T

        ma, mb = (1 - b1) * root(va) @ na, (1 - b1) * nb @ root(vb)
        if self.state:
            ma, mb = ma + b1 * pa @ oma, mb + b1 * omb @ pb.T
        self.state = qa, qb, va, vb, ma, mb
        return (a - RATE * (pinv(rb) @ ma + DECAY * a),
                b - RATE * (mb @ pinv(ra).T + DECAY * b))


# name: (rule, options as `--optimizer` has them)
RULES = {
    "lora-plus": (Plus, {}), "lora-fa": (FA, {}), "rolora": (Ro, {}),
    "altlora": (Alt, {"momentum": MOMENTUM}), "scaled-adamw": (Scaled, {"damping": DAMPING}),
    "lora-rite": (RITE, {}), "lora-pro": (Pro, {}), "reflora": (Ref, {"warmup": WARMUP}),
    "reflora-s": (RefScalar, {}),
}


def numbers(array):
    return [float(f"{x:.13g}") for x in array.flatten()]


def run(rule, a, b, gradients):
    """The factors after each step; G is the same sum of fixed and current parts for all."""
    state, values = rule(), []
    for t, g in enumerate(gradients):
        g = g + 0.25 * SCALE * b @ a
        a, b = state.step(a, b, SCALE * b.T @ g, SCALE * g @ a.T, t)
        values.append({"a": numbers(a), "b": numbers(b)})
    return values


random = np.random.default_rng(20)
rounded = lambda *shape: np.round(random.standard_normal(shape) * 32) / 64
a, b = rounded(RANK, INPUTS), rounded(OUTPUTS, RANK)
gradients = [rounded(OUTPUTS, INPUTS) for _ in range(STEPS)]
# With B at zero: the rules that need no inverse of it.
from_zero = [name for name in RULES if name not in ("lora-pro", "reflora")]
OUTPUT.write_text(json.dumps({
    "scale": SCALE, "rate": RATE, "beta1": BETA1, "beta2": BETA2, "eps": EPSILON,
    "weight_decay": DECAY, "a": a.flatten().tolist(), "b": b.flatten().tolist(),
    "shape": [OUTPUTS, RANK, INPUTS], "gradients": [g.flatten().tolist() for g in gradients],
    "rules": {
        name: {"options": options, "steps": run(rule, a, b, gradients),
               "from_zero": run(rule, a, 0 * b, gradients) if name in from_zero else []}
        for name, (rule, options) in RULES.items()},
}, indent=None) + "\n")
