package dev.nagare.graph.plan;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The plans of one model, one for each {@link Buckets bucket} of rows that is in demand.
 *
 * <p>The plan for some number of rows is there from the start. A bucket that is asked for and not
 * there is compiled by the background, run once and opened for every lane; until then the next
 * larger one serves. Where none is larger, who asks compiles it. A row alone has a plan of its own
 * if that gives it {@linkplain LoneRow the same bits}. There are at most so many plans as were
 * allowed: a new one takes the place of the one that was asked for least, if itself was asked for
 * clearly more often since the last change, or nothing else serves. Rows beyond those that the
 * caller filled hold what was there before; no row depends on another.
 *
 * <p>A lane that has to wait for a plan comes before whatever the background has yet to compile.
 *
 * <p>{@link #lane} gives each lane what it needs; everything else is for any thread.
 */
public final class Plans implements AutoCloseable {
  /** Compiling costs the lanes memory and time: a demand that chance explains is no reason. */
  private static final int FEWEST_ASKED = 64;

  private static final int CLEARLY_MORE = 2;

  /** The bucket of a row alone. */
  private static final long LONE = 1;

  /** After so many runs of a small plan the JVM has compiled most of what it runs. */
  private static final int WARM_RUNS = 20;

  private final Graph graph;
  private final String dim;
  private final long first;
  private final long most;
  private final Map<String, Long> others;
  private final Kernels kernels;
  private final PlanOptions options;
  private final Executor background;
  private final int capacity;
  private final MemoryPool pool;

  /** Fair: one compilation after the other would otherwise go before a lane that waits. */
  private final ReentrantLock lock = new ReentrantLock(true);

  /** Whether a row alone may have a plan of its own, as far as anybody knows. */
  private volatile boolean lone;

  private boolean tried; // guarded by the lock

  private final Map<Long, AtomicInteger> wanted = new ConcurrentHashMap<>();
  private final SortedMap<Long, PlanEntry> entries = new TreeMap<>();
  private final List<PlanLane> lanes = new ArrayList<>();
  private Map<String, Tensor> weights = Map.of();
  private long version;
  private boolean closed;

  /**
   * Compiles the first plan.
   *
   * @param graph as passes left it; its constants must stay alive
   * @param dim name of the size that counts rows
   * @param first rows of the plan that is there from the start and stays
   * @param most rows at once, as many or more
   * @param others numbers of the other sizes
   * @param kernels what computes
   * @param options how
   * @param background compiles what is missing, off the lanes
   * @param capacity most plans at once, at least 1, and 2 if more rows than the first may come
   */
  public Plans(
      Graph graph,
      String dim,
      long first,
      long most,
      Map<String, Long> others,
      Kernels kernels,
      PlanOptions options,
      Executor background,
      int capacity) {
    this.graph = graph;
    this.dim = dim;
    this.first = Buckets.of(first);
    this.most = Buckets.of(most);
    this.lone = canBeAlone(graph, dim);
    this.others = Map.copyOf(others);
    this.kernels = kernels;
    this.options = options;
    this.background = background;
    this.capacity = Math.max(this.first == this.most ? 1 : 2, capacity);
    this.pool = new MemoryPool("weights of " + graph.name(), Long.MAX_VALUE);
    entries.put(this.first, compile(this.first));
  }

  /** Whether a row alone is something else than many, and can be made up. */
  private static boolean canBeAlone(Graph graph, String dim) {
    return graph.inputs().stream().allMatch(input -> input.fact().dtype() == DType.F32)
        && graph.inputs().stream()
            .flatMap(input -> input.fact().shape().stream())
            .anyMatch(size -> size.equals(Dim.named(dim)));
  }

  private PlanEntry compile(long bucket) {
    var dims = new HashMap<>(others);
    dims.put(dim, bucket);
    Plan plan = Plan.compile(graph, dims, kernels, options, pool);
    try {
      return new PlanEntry(bucket, plan, plan.pack(version, weights, packed()));
    } catch (RuntimeException e) {
      plan.close();
      throw e;
    }
  }

  private PackedWeights[] packed() {
    return entries.values().stream().map(entry -> entry.packed).toArray(PackedWeights[]::new);
  }

  /** What a new lane needs; to be called before it has work to do. */
  public PlanLane lane() {
    lock.lock();
    try {
      requireOpen();
      var lane = new PlanLane(this);
      try {
        // The largest first: its memory is the others', too.
        for (PlanEntry entry : entries.reversed().values()) {
          Frame frame = lane.open(entry);
          lane.add(entry, frame);
          frame.run();
        }
      } catch (RuntimeException e) {
        lane.close();
        throw e;
      }
      lanes.add(lane);
      return lane;
    } finally {
      lock.unlock();
    }
  }

  /** Compiles the plan for so many rows, if it has a place; better before there are lanes. */
  public void prepare(long rows) {
    lock.lock();
    try {
      requireOpen();
      long bucket = bucket(rows);
      if (!entries.containsKey(bucket)
          && entries.size() < capacity
          && (bucket != LONE || mayBeAlone())) {
        add(compile(bucket));
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * {@link #prepare Prepares} the plan for so few rows and runs it on zeros until the JVM has
   * compiled the kernels. To be called before there are lanes, which run larger plans: what an
   * interpreter does to a kernel is bearable for few rows only.
   */
  public void warmUp(long rows) {
    lock.lock();
    try {
      prepare(rows);
      PlanEntry smallest = entries.firstEntry().getValue();
      warm(smallest, WARM_RUNS);
    } finally {
      lock.unlock();
    }
  }

  /** Runs a plan in memory that nobody else uses: a lane may be at work in its own. */
  private static void warm(PlanEntry entry, int runs) {
    try (Frame frame = entry.plan.open(entry.packed)) {
      for (int i = 0; i < runs; i++) {
        frame.run();
      }
    }
  }

  /**
   * Lets all lanes compute with other weights from their next run on; packs them first.
   *
   * @param newVersion what it is called; see {@link Frame#version}
   * @param newWeights as for {@link Plan#pack(long, Map, PackedWeights...)}; they must stay alive
   *     until the next version
   */
  public void use(long newVersion, Map<String, Tensor> newWeights) {
    lock.lock();
    try {
      requireOpen();
      List<PackedWeights> relatives = new ArrayList<>(List.of(packed()));
      Map<PlanEntry, PackedWeights> next = new HashMap<>();
      try {
        for (PlanEntry entry : entries.values()) {
          PackedWeights one =
              entry.plan.pack(newVersion, newWeights, relatives.toArray(PackedWeights[]::new));
          next.put(entry, one);
          relatives.addFirst(one);
        }
      } catch (RuntimeException e) {
        next.values().forEach(PackedWeights::close);
        throw e;
      }
      weights = Map.copyOf(newWeights);
      version = newVersion;
      next.forEach(
          (entry, packed) -> {
            lanes.forEach(lane -> lane.use(entry, packed));
            entry.packed.close();
            entry.packed = packed;
          });
    } finally {
      lock.unlock();
    }
  }

  /** The bucket that serves so many rows, once it is there. */
  long bucket(long rows) {
    if (rows < 1 || rows > most) {
      throw TensorException.mismatch(
          "plans of " + graph.name() + ": expected 1 to " + most + " rows, got " + rows);
    }
    return rows == LONE && lone ? LONE : Buckets.of(rows);
  }

  /** Says that a bucket would serve better than the one that does. */
  void want(long bucket) {
    AtomicInteger count = wanted.computeIfAbsent(bucket, any -> new AtomicInteger());
    int asked = count.incrementAndGet();
    // at once, and then every now and then: others may have become less needed
    if ((asked & asked - 1) == 0) {
      background.execute(() -> compileWanted(bucket, asked));
    }
  }

  private void compileWanted(long bucket, int asked) {
    lock.lock();
    try {
      if (closed || entries.containsKey(bucket) || (bucket == LONE && !mayBeAlone())) {
        return;
      }
      if (entries.size() < capacity || makeRoom(asked)) {
        add(compile(bucket));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Compiles a plan that somebody waits for, since none serves so many rows. */
  void compileNow(long bucket) {
    lock.lock();
    try {
      requireOpen();
      if (entries.lastKey() < bucket) {
        if (entries.size() >= capacity) {
          remove(leastUsed());
        }
        add(compile(bucket));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Whether a row alone has the bits that it has among others; found out once. */
  private boolean mayBeAlone() {
    if (lone && !tried) {
      tried = true;
      lone = false; // also if one of them cannot be made, or does not take numbers made up
      lone = isSameInPairs();
    }
    return lone;
  }

  private boolean isSameInPairs() {
    List<PlanEntry> made = new ArrayList<>();
    try {
      PlanEntry alone = compile(LONE);
      made.add(alone);
      PlanEntry pair = entries.get(Buckets.of(LONE));
      if (pair == null) {
        pair = compile(Buckets.of(LONE));
        made.add(pair);
      }
      return LoneRow.agrees(alone, pair);
    } catch (TensorException | ArithmeticException e) {
      return false; // numbers made up are not what this graph takes
    } finally {
      made.forEach(PlanEntry::close);
      wanted.remove(LONE);
    }
  }

  private void add(PlanEntry entry) {
    Map<PlanLane, Frame> frames = new HashMap<>();
    try {
      if (!lanes.isEmpty()) {
        warm(entry, 1);
      }
      lanes.forEach(lane -> frames.put(lane, lane.open(entry)));
    } catch (RuntimeException e) {
      frames.values().forEach(Frame::close);
      entry.close();
      throw e;
    }
    entries.put(entry.bucket, entry);
    frames.forEach((lane, frame) -> lane.add(entry, frame));
    wanted.remove(entry.bucket);
  }

  private boolean makeRoom(int asked) {
    PlanEntry least = leastUsed();
    if (least == null || asked < FEWEST_ASKED || asked < CLEARLY_MORE * least.uses) {
      return false;
    }
    remove(least);
    // Both are counted anew from here: what was asked for long ago is no reason.
    entries.values().forEach(entry -> entry.uses = 0);
    wanted.clear();
    return true;
  }

  private @Nullable PlanEntry leastUsed() {
    PlanEntry least = null;
    for (PlanEntry entry : entries.values()) {
      if (entry.bucket != first && (least == null || entry.uses < least.uses)) {
        least = entry;
      }
    }
    return least;
  }

  private void remove(@Nullable PlanEntry old) {
    if (old != null) {
      entries.remove(old.bucket);
      lanes.forEach(lane -> lane.retire(old));
      old.close();
    }
  }

  /** The buckets for which there are plans. */
  public List<Long> buckets() {
    lock.lock();
    try {
      return entries.keySet().stream().sorted().toList();
    } finally {
      lock.unlock();
    }
  }

  /** The plan that was there from the start, for what is the same in all. */
  public Plan first() {
    lock.lock();
    try {
      PlanEntry entry = entries.get(first);
      if (entry == null) {
        throw new TensorException(
            TensorException.Kind.CLOSED, "plans of " + graph.name() + ": closed");
      }
      return entry.plan;
    } finally {
      lock.unlock();
    }
  }

  void remove(PlanLane lane) {
    lock.lock();
    try {
      lanes.remove(lane);
    } finally {
      lock.unlock();
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new TensorException(
          TensorException.Kind.CLOSED, "plans of " + graph.name() + ": closed");
    }
  }

  /** Ends the plans, each with the last lane that uses it. A second call does nothing. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        entries.values().forEach(PlanEntry::close);
        entries.clear();
      }
    } finally {
      lock.unlock();
    }
  }
}
