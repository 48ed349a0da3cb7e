package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.KernelArguments.same;
import static dev.nagare.tensor.kernel.KernelArguments.writable;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.lang.foreign.ValueLayout;

/** {@link Pointwise} in plain Java: checks the arguments, then runs the loops of their dtype. */
final class PlainPointwise implements Pointwise {
  private final StridedLoops f32;
  private final StridedLoops f64;

  PlainPointwise(StridedLoops f32, StridedLoops f64) {
    this.f32 = f32;
    this.f64 = f64;
  }

  @Override
  public void binary(Function f, Tensor a, Tensor b, Tensor out) {
    String op = f.op();
    if (Widened.takes(a)) {
      try (Widened wide = Widened.begin(op)) {
        Tensor result = wide.of("out", out);
        binary(f, wide.of("a", a), wide.of("b", b), result);
        wide.narrow("out", result, out);
      }
      return;
    }
    StridedLoops loops = loops(op, a);
    StridedArguments.operand(op, "a", a, a.dtype(), out);
    StridedArguments.operand(op, "b", b, a.dtype(), out);
    StridedArguments.out(op, out, a.dtype());
    int bytes = a.dtype().bytes();
    long left = a.base().address();
    long right = b.base().address();
    long to = out.segment().address();
    Nest nest = Nest.over(out.shape(), out, a, b);
    for (boolean more = nest.isNotEmpty(); more; more = nest.next()) {
      loops.binary(
          f,
          left + bytes * nest.at(1),
          nest.step(1),
          right + bytes * nest.at(2),
          nest.step(2),
          to + bytes * nest.at(0),
          nest.length());
    }
  }

  @Override
  public void slope(Function f, boolean byA, Tensor a, Tensor b, Tensor dy, Tensor out) {
    String op = f.op();
    StridedLoops loops = loops(op, a);
    StridedArguments.operand(op, "a", a, a.dtype(), out);
    StridedArguments.operand(op, "b", b, a.dtype(), out);
    StridedArguments.out(op, out, a.dtype());
    same(op, "dy", dy, "out", out);
    StridedArguments.apart(op, "dy", dy, "out", out);
    int bytes = a.dtype().bytes();
    long left = a.base().address();
    long right = b.base().address();
    long up = dy.segment().address();
    long to = out.segment().address();
    Nest nest = Nest.over(out.shape(), out, a, b);
    for (boolean more = nest.isNotEmpty(); more; more = nest.next()) {
      loops.slope(
          f,
          byA,
          left + bytes * nest.at(1),
          nest.step(1),
          right + bytes * nest.at(2),
          nest.step(2),
          up + bytes * nest.at(0),
          to + bytes * nest.at(0),
          nest.length());
    }
  }

  @Override
  public void unary(Single f, Tensor x, Tensor out) {
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin("unary")) {
        Tensor result = wide.of("out", out);
        unary(f, wide.of("x", x), result);
        wide.narrow("out", result, out);
      }
      return;
    }
    StridedLoops loops = loops("unary", x);
    same("unary", "out", out, "x", x);
    writable("unary", "out", out);
    loops.unary(f, x.segment().address(), out.segment().address(), x.elements());
  }

  @Override
  public void unaryBackward(Single f, Tensor x, Tensor y, Tensor dy, Tensor dx) {
    String op = "unaryBackward";
    StridedLoops loops = loops(op, x);
    same(op, "y", y, "x", x);
    same(op, "dy", dy, "x", x);
    same(op, "dx", dx, "x", x);
    writable(op, "dx", dx);
    loops.unaryBackward(
        f,
        x.segment().address(),
        y.segment().address(),
        dy.segment().address(),
        dx.segment().address(),
        x.elements());
  }

  @Override
  public void clamp(double low, double high, Tensor x, Tensor out) {
    if (Widened.takes(x)) {
      try (Widened wide = Widened.begin("clamp")) {
        Tensor result = wide.of("out", out);
        clamp(low, high, wide.of("x", x), result);
        wide.narrow("out", result, out);
      }
      return;
    }
    StridedLoops loops = loops("clamp", x);
    requireOrder(low, high);
    same("clamp", "out", out, "x", x);
    writable("clamp", "out", out);
    loops.clamp(low, high, x.segment().address(), out.segment().address(), x.elements());
  }

  @Override
  public void linear(double factor, double term, Tensor x, Tensor out) {
    StridedLoops loops = loops("linear", x);
    same("linear", "out", out, "x", x);
    writable("linear", "out", out);
    loops.linear(factor, term, x.segment().address(), out.segment().address(), x.elements());
  }

  @Override
  public void clampBackward(double low, double high, Tensor x, Tensor dy, Tensor dx) {
    StridedLoops loops = loops("clampBackward", x);
    requireOrder(low, high);
    same("clampBackward", "dy", dy, "x", x);
    same("clampBackward", "dx", dx, "x", x);
    writable("clampBackward", "dx", dx);
    loops.clampBackward(
        low,
        high,
        x.segment().address(),
        dy.segment().address(),
        dx.segment().address(),
        x.elements());
  }

  private static void requireOrder(double low, double high) {
    if (!(low <= high)) {
      throw TensorException.mismatch("clamp: expected low <= high, got " + low + " and " + high);
    }
  }

  @Override
  public void compare(Comparison c, Tensor a, Tensor b, Tensor out) {
    String op = "compare";
    if (Widened.takes(a)) {
      try (Widened wide = Widened.begin(op)) {
        compare(c, wide.of("a", a), wide.of("b", b), out);
      }
      return;
    }
    StridedArguments.operand(op, "a", a, a.dtype(), out);
    StridedArguments.operand(op, "b", b, a.dtype(), out);
    StridedArguments.out(op, out, DType.BOOL);
    if (!a.dtype().isFloating()) {
      compareOthers(c, a, b, out);
      return;
    }
    StridedLoops loops = loops(op, a);
    int bytes = a.dtype().bytes();
    long left = a.base().address();
    long right = b.base().address();
    long to = out.segment().address();
    Nest nest = Nest.over(out.shape(), out, a, b);
    for (boolean more = nest.isNotEmpty(); more; more = nest.next()) {
      loops.compare(
          c,
          left + bytes * nest.at(1),
          nest.step(1),
          right + bytes * nest.at(2),
          nest.step(2),
          to + nest.at(0),
          nest.length());
    }
  }

  /** Indices and masks are few: without loops of their own. */
  private static void compareOthers(Comparison c, Tensor a, Tensor b, Tensor out) {
    DType dtype = a.dtype();
    int bytes = dtype.bytes();
    long to = out.segment().address();
    Nest nest = Nest.over(out.shape(), out, a, b);
    for (boolean more = nest.isNotEmpty(); more; more = nest.next()) {
      long left = a.base().address() + bytes * nest.at(1);
      long right = b.base().address() + bytes * nest.at(2);
      for (long i = 0; i < nest.length(); i++) {
        boolean holds =
            c.holds(
                Addresses.getWhole(dtype, left + bytes * i * nest.step(1)),
                Addresses.getWhole(dtype, right + bytes * i * nest.step(2)));
        Addresses.ALL.set(ValueLayout.JAVA_BYTE, to + nest.at(0) + i, (byte) (holds ? 1 : 0));
      }
    }
  }

  @Override
  public void where(Tensor condition, Tensor a, Tensor b, Tensor out) {
    String op = "where";
    if (Widened.takes(a)) {
      try (Widened wide = Widened.begin(op)) {
        Tensor result = wide.of("out", out);
        where(condition, wide.of("a", a), wide.of("b", b), result);
        wide.narrow("out", result, out);
      }
      return;
    }
    StridedLoops loops = loops(op, a);
    StridedArguments.operand(op, "condition", condition, DType.BOOL, out);
    StridedArguments.operand(op, "a", a, a.dtype(), out);
    StridedArguments.operand(op, "b", b, a.dtype(), out);
    StridedArguments.out(op, out, a.dtype());
    int bytes = a.dtype().bytes();
    long choice = condition.base().address();
    long left = a.base().address();
    long right = b.base().address();
    long to = out.segment().address();
    Nest nest = Nest.over(out.shape(), out, a, b, condition);
    for (boolean more = nest.isNotEmpty(); more; more = nest.next()) {
      loops.where(
          choice + nest.at(3),
          nest.step(3),
          left + bytes * nest.at(1),
          nest.step(1),
          right + bytes * nest.at(2),
          nest.step(2),
          to + bytes * nest.at(0),
          nest.length());
    }
  }

  private StridedLoops loops(String op, Tensor x) {
    return KernelArguments.ofDtype(op, x, f32, f64);
  }
}
