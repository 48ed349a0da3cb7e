package dev.nagare.graph.plan;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.PostOp;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import dev.nagare.tensor.kernel.prepared.ProductSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Whether a product gives a row the same bits however many rows there are and whichever of them it
 * is: run once per shape and process, when a plan is compiled, at 2, 3, 16, 17 and as many rows as
 * the plan has.
 *
 * <p>A few rows take turns, so that every row of a run is compared, with one that lies elsewhere in
 * a tile. Sums of what they give are remembered, so that another number of rows is one run more.
 * What was asked for long ago is forgotten: a process that loads models for years holds no more.
 */
final class RowCheck {
  private static final int MOST = 17;
  private static final long PAIR = 2;

  /** Rows that differ: a number that has no divisor in common with the rows of a tile. */
  private static final int TURNS = 11;

  /** Shapes, and for each of them numbers of rows, that are remembered. */
  static final int MOST_SHAPES = 512;

  static final int MOST_NUMBERS = 128;

  private static final long BLOCK = 1 << 30; // a ByteBuffer holds less than twice as many
  private static final long[] FEW = {MOST, 2, 3, 16};
  private static final float LOAD = 0.75f;

  /** By kernels and shape, what was asked for last at the end; guarded by itself. */
  private static final Map<String, RowCheck> SHAPES = new LinkedHashMap<>(16, LOAD, true);

  private final ProductSpec shape;

  /** By number of rows, what was asked for last at the end; guarded by this. */
  private final Map<Long, Boolean> known = new LinkedHashMap<>(16, LOAD, true);

  /** Sums of what the rows give and of how the weight lies for them; null before the first run. */
  private long @Nullable [] expected;

  private long order;

  RowCheck(ProductSpec spec) {
    this.shape = rows(spec, 1);
  }

  private static RowCheck of(String key, ProductSpec spec) {
    synchronized (SHAPES) {
      RowCheck check = SHAPES.computeIfAbsent(key, any -> new RowCheck(spec));
      forget(SHAPES, MOST_SHAPES);
      return check;
    }
  }

  private static void forget(Map<?, ?> asked, int most) {
    while (asked.size() > most) {
      asked.remove(asked.keySet().iterator().next());
    }
  }

  /** How many shapes are remembered. */
  static int shapes() {
    synchronized (SHAPES) {
      return SHAPES.size();
    }
  }

  /** For how many numbers of rows it is remembered. */
  synchronized int numbers() {
    return known.size();
  }

  /**
   * The kernel for a product: the library's own, or one in tiles if that fails the check. A row
   * alone, which libraries compute in a way of its own, is a pair then if pairs pass.
   */
  static PreparedKernel product(Kernels kernels, ProductSpec spec) {
    PreparedKernels prepared = kernels.prepared();
    String shape = kernels.id() + rows(spec, 1);
    // Made before the check, which asks for the same and is given it if kernels are shared.
    PreparedKernel kernel = prepared.product(spec);
    RowCheck check = of(shape, spec);
    boolean holds = false;
    try {
      holds = check.holds(prepared, spec.m());
    } finally {
      if (!holds) {
        kernel.close();
      }
    }
    if (holds) {
      return kernel;
    }
    boolean pair = spec.m() == 1 && check.holds(prepared, PAIR);
    return new TiledProduct(prepared, spec, pair ? PAIR : TiledProduct.ROWS);
  }

  /** The same product of another number of rows. */
  static ProductSpec rows(ProductSpec spec, long m) {
    return new ProductSpec(
        m,
        spec.n(),
        spec.k(),
        spec.transposed(),
        spec.dtype(),
        spec.result(),
        spec.bias(),
        spec.post(),
        spec.operands());
  }

  /** Whether few rows have one another's bits, and those of so many. */
  synchronized boolean holds(PreparedKernels kernels, long m) {
    Boolean before = known.get(m);
    if (before != null) {
      return before;
    }
    try (var memory = new ProcessMemory("check of rows")) {
      var run = new Run(kernels, memory, Math.max(MOST, m));
      if (!known.containsKey((long) MOST)) {
        expected = null; // a run before may have ended half way
        boolean few = true;
        for (long rows : FEW) {
          few &= run.agrees(rows);
        }
        for (long rows : FEW) {
          known.put(rows, few);
        }
      }
      boolean few = known.getOrDefault((long) MOST, false);
      boolean isOneOfThem = known.containsKey(m);
      boolean holds = few && (isOneOfThem || run.agrees(m));
      known.put(m, holds);
      forget(known, MOST_NUMBERS);
      return holds;
    }
  }

  /** A product of made up numbers, of which a few rows take turns. */
  private final class Run {
    private final PreparedKernels kernels;
    private final ProcessMemory memory;
    private final Tensor x;
    private final Tensor weight;
    private final Tensor bias;
    private final List<Tensor> operands = new ArrayList<>();

    Run(PreparedKernels kernels, ProcessMemory memory, long most) {
      this.kernels = kernels;
      this.memory = memory;
      var random = new Random(memory);
      x = turns(random.next(shape.dtype(), TURNS, shape.k()), most);
      weight =
          shape.transposed()
              ? random.next(DType.F32, shape.n(), shape.k())
              : random.next(DType.F32, shape.k(), shape.n());
      bias = random.next(DType.F32, shape.n());
      for (Operand operand : shape.operands()) {
        operands.add(
            switch (operand.extent()) {
              case ELEMENT -> turns(random.next(operand.dtype(), TURNS, shape.n()), most);
              case COLUMN -> random.next(operand.dtype(), shape.n());
              case SINGLE -> random.next(operand.dtype(), 1);
            });
      }
    }

    private Tensor turns(Tensor some, long rows) {
      Tensor all = memory.empty(some.dtype(), Shape.of(rows, some.dim(1)));
      for (long at = 0; at < rows; at += TURNS) {
        long count = Math.min(TURNS, rows - at);
        all.narrow(at, count).copyFrom(some.narrow(0, count));
      }
      return all;
    }

    /** Whether all of so many rows have the bits that are expected; the first say what is. */
    boolean agrees(long m) {
      try (PreparedKernel kernel = kernels.product(rows(shape, m))) {
        Tensor packed = memory.empty(DType.U8, Shape.of(kernel.packedBytes()));
        kernel.pack(weight, packed);
        long lies = sum(packed);
        long row = shape.n() * shape.result().bytes();
        Tensor bytes = memory.empty(DType.U8, Shape.of(m * row));
        run(kernel, m, packed, bytes.part(0, shape.result(), Shape.of(m, shape.n())));
        long[] wanted = expected;
        if (wanted == null) {
          wanted = new long[TURNS];
          for (int i = 0; i < TURNS; i++) {
            wanted[i] = sum(bytes.narrow(i * row, row));
          }
          expected = wanted;
          order = lies;
        }
        boolean same = order == lies;
        for (long i = 0; same && i < m; i++) {
          same = sum(bytes.narrow(i * row, row)) == wanted[(int) (i % TURNS)];
        }
        return same;
      }
    }

    private static long sum(Tensor packed) {
      var sum = new CRC32C();
      for (long at = 0; at < packed.elements(); at += BLOCK) {
        long count = Math.min(BLOCK, packed.elements() - at);
        sum.update(packed.narrow(at, count).segment().asByteBuffer());
      }
      return sum.getValue();
    }

    private void run(PreparedKernel kernel, long m, Tensor packed, Tensor y) {
      try (PreparedKernel.Call call = kernel.call(memory)) {
        call.input(x.narrow(0, m)).weight(packed).output(y);
        if (shape.bias()) {
          call.bias(bias);
        }
        int next = 0;
        for (int i = 0; i < shape.post().size(); i++) {
          if (shape.post().get(i) instanceof PostOp.Combine) {
            Tensor operand = operands.get(next);
            boolean rows = shape.operands().get(next).extent() == Operand.Extent.ELEMENT;
            call.operand(i, rows ? operand.narrow(0, m) : operand);
            next++;
          }
        }
        call.run();
      }
    }
  }

  /** Numbers between -1 and 1, from a table, since weights can be large. */
  private static final class Random {
    private static final int TABLE = 4099; // a prime: rows and columns are not repetitions
    private static final int APART = 977;
    private final ProcessMemory memory;
    private final float[] table = new float[TABLE];
    private int tensors;

    Random(ProcessMemory memory) {
      this.memory = memory;
      var random = new CounterRandom(1, 0, 0);
      for (int i = 0; i < TABLE; i++) {
        table[i] = (float) (2 * random.uniform(i) - 1);
      }
    }

    /** Another tensor, whose numbers do not depend on how large those before it are. */
    Tensor next(DType dtype, long... dims) {
      Tensor tensor = memory.empty(DType.F32, Shape.of(dims));
      float[] values = new float[Math.toIntExact(tensor.elements())];
      int from = tensors++ * APART % TABLE;
      for (int at = 0; at < values.length; from = 0) {
        int count = Math.min(TABLE - from, values.length - at);
        System.arraycopy(table, from, values, at, count);
        at += count;
      }
      tensor.copyFrom(values, 0);
      return dtype == DType.F32 ? tensor : tensor.to(dtype, memory);
    }
  }
}
