package dev.nagare.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random shapes, strides, dtypes and parameters, right and wrong, at every operator, forwards and
 * backwards: the answer is a result or a refusal that says why, never anything else.
 */
class OperatorFuzzTest {
  private static final long SEED = 20261125;

  private static final List<DType> OTHERS =
      List.of(DType.BF16, DType.I64, DType.I32, DType.U8, DType.BOOL);

  private interface Operator {
    Variable apply(Case c);
  }

  private static final TreeMap<String, Operator> OPERATORS = new TreeMap<>();

  static {
    OPERATORS.put("add", c -> c.x.add(c.y));
    OPERATORS.put("sub", c -> c.x.sub(c.y));
    OPERATORS.put("mul", c -> c.x.mul(c.y));
    OPERATORS.put("div", c -> c.x.div(c.y));
    OPERATORS.put("maximum", c -> c.x.maximum(c.y));
    OPERATORS.put("minimum", c -> c.x.minimum(c.y));
    OPERATORS.put("pow", c -> c.x.pow(c.y));
    OPERATORS.put("powNumber", c -> c.x.pow(c.number()));
    OPERATORS.put("addNumber", c -> c.x.add(c.number()).mul(c.number()));
    OPERATORS.put("neg", c -> c.x.neg());
    OPERATORS.put("sqrt", c -> c.x.sqrt());
    OPERATORS.put("log", c -> c.x.log());
    OPERATORS.put("clamp", c -> c.x.clamp(c.number(), c.number()));
    OPERATORS.put("sigmoid", c -> c.x.sigmoid());
    OPERATORS.put("tanh", c -> c.x.tanh());
    OPERATORS.put("relu", c -> c.x.relu());
    OPERATORS.put("exp", c -> c.x.exp());
    OPERATORS.put("abs", c -> c.x.abs());
    OPERATORS.put("square", c -> c.x.square());
    OPERATORS.put("leakyRelu", c -> c.x.leakyRelu(c.number()));
    OPERATORS.put("gelu", c -> c.x.gelu(c.coin()));
    OPERATORS.put("silu", c -> c.x.silu());
    OPERATORS.put("hardSwish", c -> c.x.hardSwish());
    OPERATORS.put("dropout", c -> c.x.dropout(c.number(), new CounterRandom(1, 2, 3)));
    OPERATORS.put("where", c -> Variable.where(c.x.lt(c.y), c.x, c.y));
    OPERATORS.put("eq", c -> c.x.eq(c.y));
    OPERATORS.put("ne", c -> c.index().ne(c.index()));
    OPERATORS.put("le", c -> c.x.le(c.y));
    OPERATORS.put("gt", c -> c.x.gt(c.y));
    OPERATORS.put("ge", c -> c.x.ge(c.y));
    OPERATORS.put("sumAll", c -> c.x.sum());
    OPERATORS.put("meanAll", c -> c.x.mean());
    OPERATORS.put("sum", c -> c.x.sum(c.coin(), c.axes()));
    OPERATORS.put("mean", c -> c.x.mean(c.coin(), c.axes()));
    OPERATORS.put("max", c -> c.x.max(c.coin(), c.axes()));
    OPERATORS.put("min", c -> c.x.min(c.coin(), c.axes()));
    OPERATORS.put("var", c -> c.x.var(c.random.nextInt(3), c.coin(), c.axes()));
    OPERATORS.put("argMax", c -> c.x.argMax(c.axis(), c.coin()));
    OPERATORS.put("argMin", c -> c.x.argMin(c.axis(), c.coin()));
    OPERATORS.put("topK", c -> c.x.topK(c.size(), c.axis(), c.coin()).values());
    OPERATORS.put("oneHot", c -> c.index().oneHot(c.random.nextInt(-1, 5), c.dtype()));
    OPERATORS.put("reshape", c -> c.x.reshape(c.sizes()));
    OPERATORS.put("contiguous", c -> c.x.contiguous());
    OPERATORS.put("permute", c -> c.x.permute(c.axes()));
    OPERATORS.put("transpose", c -> c.x.transpose(c.axis(), c.axis()));
    OPERATORS.put("slice", c -> c.x.slice(c.axis(), c.size(), c.size(), c.size()));
    OPERATORS.put("narrow", c -> c.x.narrow(c.axis(), c.size(), c.size()));
    OPERATORS.put("select", c -> c.x.select(c.axis(), c.size()));
    OPERATORS.put("expand", c -> c.x.expand(c.sizes()));
    OPERATORS.put("squeeze", c -> c.x.squeeze(c.axis()));
    OPERATORS.put("unsqueeze", c -> c.x.unsqueeze(c.axis()));
    OPERATORS.put("concat", c -> Variable.concat(c.axis(), c.x, c.y, c.x));
    OPERATORS.put("stack", c -> Variable.stack(c.axis(), c.x, c.y, c.x));
    OPERATORS.put(
        "split", c -> Variable.concat(0, c.x.split(c.size(), 0).toArray(Variable[]::new)));
    OPERATORS.put("pad", c -> c.x.pad(c.number(), c.sizes()));
    OPERATORS.put("gather", c -> c.x.gather(c.axis(), c.index()));
    OPERATORS.put("indexSelect", c -> c.x.indexSelect(c.axis(), c.index()));
    OPERATORS.put("scatterAdd", c -> c.x.scatterAdd(c.axis(), c.index(), c.coin() ? c.x : c.y));
    OPERATORS.put("matmul", c -> c.x.matmul(c.y));
    OPERATORS.put("matmulTransposed", c -> c.x.matmul(c.x.transpose(-1, -2)));
    OPERATORS.put("linear", c -> c.x.linear(c.y, c.y.sum(false, -1)));
    OPERATORS.put("lastStep", c -> c.x.lastStep());
    OPERATORS.put("lastSteps", c -> c.x.lastSteps(c.size()));
  }

  /** Two operands, and parameters that are often right. */
  private static final class Case {
    final SplittableRandom random;
    final Tape tape;
    final Variable x;
    final Variable y;

    Case(long seed, Tape tape) {
      this.random = new SplittableRandom(seed);
      this.tape = tape;
      long[] dims = sizes(random, 0);
      this.x = strided(leaf(dtype(), dims));
      this.y = strided(leaf(random.nextInt(20) == 0 ? dtype() : x.value().dtype(), like(dims)));
    }

    /** Now and then without a gradient. */
    private Variable leaf(DType dtype, long... dims) {
      Tensor tensor = tape.scope().empty(dtype, Shape.of(dims));
      for (long i = 0; i < tensor.elements(); i++) {
        tensor.set(i, random.nextInt(16) == 0 ? 0 : 4 * random.nextDouble() - 2);
      }
      boolean floating = dtype == DType.F32 || dtype == DType.F64;
      return floating && random.nextInt(8) > 0 ? tape.leaf(tensor) : tape.constant(tensor);
    }

    private Variable strided(Variable x) {
      Variable view = x;
      for (int i = random.nextInt(3); i > 0 && view.shape().rank() > 0; i--) {
        int axis = random.nextInt(view.shape().rank());
        long dim = view.value().dim(axis);
        view =
            switch (random.nextInt(4)) {
              case 0 -> view.transpose(axis, random.nextInt(view.shape().rank()));
              case 1 -> view.slice(axis, dim / 2, dim, 1 + random.nextLong(2));
              case 2 -> dim == 1 ? view.expand(expanded(view, axis)) : view;
              default -> view.narrow(axis, 0, dim == 0 ? 0 : 1 + random.nextLong(dim));
            };
      }
      return view;
    }

    private long[] expanded(Variable view, int axis) {
      long[] dims = view.shape().toArray();
      dims[axis] = random.nextInt(4);
      return dims;
    }

    private long[] like(long[] dims) {
      return switch (random.nextInt(4)) {
        case 0 -> dims.clone();
        case 1 -> sizes(random, 0);
        case 2 -> {
          long[] some = dims.clone();
          if (some.length > 0) {
            some[random.nextInt(some.length)] = 1;
          }
          yield some;
        }
        default -> {
          long[] turned = dims.clone();
          if (turned.length > 1) {
            turned[turned.length - 1] = dims[turned.length - 2];
            turned[turned.length - 2] = dims[turned.length - 1];
          }
          yield turned;
        }
      };
    }

    private static long[] sizes(SplittableRandom random, int least) {
      long[] dims = new long[random.nextInt(5)];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = random.nextInt(12) == 0 ? least + random.nextLong(40) : 1 + random.nextLong(4);
        if (random.nextInt(30) == 0) {
          dims[i] = least;
        }
      }
      return dims;
    }

    /** Sizes for a reshape, an expansion, a padding. */
    long[] sizes() {
      long[] own = x.shape().toArray();
      return switch (random.nextInt(4)) {
        case 0 -> own;
        case 1 -> new long[] {-1};
        case 2 -> {
          long[] more = new long[own.length + 1];
          System.arraycopy(own, 0, more, 1, own.length);
          more[0] = 1 + random.nextLong(2);
          yield more;
        }
        default -> sizes(random, -1);
      };
    }

    DType dtype() {
      int choice = random.nextInt(12);
      return choice < 7
          ? DType.F32
          : choice < 10 ? DType.F64 : OTHERS.get(random.nextInt(OTHERS.size()));
    }

    boolean coin() {
      return random.nextBoolean();
    }

    int axis() {
      int rank = x.shape().rank();
      return random.nextInt(8) == 0 ? random.nextInt(-7, 8) : random.nextInt(-rank, rank + 1);
    }

    int[] axes() {
      int rank = x.shape().rank();
      if (random.nextBoolean()) {
        int[] turned = new int[rank];
        int shift = rank == 0 ? 0 : random.nextInt(rank);
        for (int i = 0; i < rank; i++) {
          turned[i] = (i + shift) % rank;
        }
        return turned;
      }
      int[] axes = new int[random.nextInt(3)];
      for (int i = 0; i < axes.length; i++) {
        axes[i] = axis();
      }
      return axes;
    }

    long size() {
      return switch (random.nextInt(20)) {
        case 0 -> Long.MAX_VALUE;
        case 1 -> Long.MIN_VALUE;
        case 2 -> Integer.MAX_VALUE + 1L;
        default -> random.nextInt(-1, 5);
      };
    }

    double number() {
      double[] numbers = {0, 0.5, 1, -1, 2, 1e30, Double.POSITIVE_INFINITY, Double.NaN};
      return numbers[random.nextInt(numbers.length)];
    }

    Variable index() {
      int rank = x.shape().rank();
      long[] dims = random.nextInt(3) == 0 ? new long[] {random.nextLong(5)} : x.shape().toArray();
      if (dims.length == rank && rank > 0 && random.nextBoolean()) {
        dims[random.nextInt(rank)] = 1 + random.nextLong(3);
      }
      Tensor index = tape.scope().empty(DType.I64, Shape.of(dims));
      for (long i = 0; i < index.elements(); i++) {
        index.setLong(i, random.nextInt(60) == 0 ? size() : random.nextInt(2));
      }
      return strided(tape.constant(index));
    }
  }

  private static int rounds() {
    return switch (System.getProperty("nagare.checks", "verify")) {
      case "nightly" -> 2_000_000;
      case "ci" -> 200_000;
      default -> 20_000;
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void everyCallGivesAResultOrARefusal(String provider) {
    System.out.println("OperatorFuzzTest seed " + SEED);
    List<String> names = new ArrayList<>(OPERATORS.keySet());
    TreeMap<String, Integer> worked = new TreeMap<>();
    try (Scope scope = new Scope(1 << 16)) {
      Tape tape = new Tape(KernelProviders.byName(provider).kernels(), scope);
      for (int round = 0, n = rounds(); round < n; round++) {
        String name = names.get(round % names.size());
        try {
          run(tape, name, SEED + round);
          worked.merge(name, 1, Integer::sum);
        } catch (TensorException e) {
          assertThat(e.kind()).isEqualTo(TensorException.Kind.MISMATCH);
        } catch (RuntimeException | Error e) {
          throw new AssertionError(name + " with seed " + (SEED + round), e);
        }
        tape.reset();
      }
    }
    // What is nearly always refused would check nothing.
    int least = rounds() / names.size() / 100;
    for (String name : names) {
      assertThat(worked.getOrDefault(name, 0)).as(name).isGreaterThan(least);
    }
  }

  private static void run(Tape tape, String name, long seed) {
    Case c = new Case(seed, tape);
    Variable result = Objects.requireNonNull(OPERATORS.get(name)).apply(c);
    for (long i = 0; i < result.value().elements(); i++) {
      var _ = result.value().get(i);
    }
    if (result.requiresGradient()) {
      result.mul(result).sum().backward();
    }
  }
}
