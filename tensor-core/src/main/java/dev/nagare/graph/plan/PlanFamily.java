package dev.nagare.graph.plan;

import dev.nagare.graph.Graph;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The plans that versions share whose graphs differ in their weights alone, one for each {@link
 * Buckets bucket} of rows that is in demand, and the frames of lanes. What of a graph is the same
 * in all of them is kept here, so that no version outlives itself.
 *
 * <p>A plan is compiled of one of the versions, and has packed weights of each. Ends with the last
 * one.
 */
final class PlanFamily {
  /** The bucket of a row alone. */
  private static final long LONE = 1;

  /** After so many runs of a small plan the JVM has compiled most of what it runs. */
  private static final int WARM_RUNS = 20;

  private final String name;
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

  private final SharedConstants constants;
  private final Demand demand = new Demand();
  private final SortedMap<Long, PlanEntry> entries = new TreeMap<>();
  private final List<Plans> versions = new ArrayList<>();
  private final LanePool lanes = new LanePool(this);
  private long numbers;

  /** Without plans; see {@link Plans#Plans} for the arguments. */
  PlanFamily(
      Graph graph,
      String dim,
      long first,
      long most,
      Map<String, Long> others,
      Kernels kernels,
      PlanOptions options,
      Executor background,
      int capacity) {
    this.name = graph.name();
    this.dim = dim;
    this.first = Buckets.of(first);
    this.most = Buckets.of(most);
    this.lone = LoneRow.isPossible(graph, dim);
    this.others = Map.copyOf(others);
    this.kernels = kernels;
    this.options = options;
    this.background = background;
    this.capacity = Math.max(this.first == this.most ? 1 : 2, capacity);
    this.pool = new MemoryPool("weights of " + name, Long.MAX_VALUE);
    this.constants = new SharedConstants(graph);
  }

  // Versions.

  /** Lets the first version in, and compiles the plan that stays. */
  void begin(Plans version) {
    locked(
        () -> {
          try {
            versions.add(version);
            entries.put(first, compile(first));
          } catch (RuntimeException | Error e) {
            versions.clear();
            end();
            throw e;
          }
        });
  }

  /** Its graph, with what is the same in all versions here and not where the version has it. */
  Graph own(Graph graph) {
    return constants.in(graph);
  }

  /** See {@link Plans#like}. */
  @Nullable Plans join(Graph graph) {
    return locked(
        () ->
            versions.isEmpty() || !Likeness.of(versions.getFirst().graph(), graph)
                ? null
                : packed(new Plans(this, own(graph), ++numbers)));
  }

  /** Packs the weights of a version and lets it in; null if a plan has built others in. */
  private @Nullable Plans packed(Plans version) {
    List<PlanEntry> all = List.copyOf(entries.values());
    try {
      all.forEach(entry -> entry.pack(version, all));
    } catch (RuntimeException | Error e) {
      all.forEach(entry -> entry.forget(version));
      if (e instanceof TensorException differs && differs.kind() == TensorException.Kind.MISMATCH) {
        return null;
      }
      throw e;
    }
    versions.add(version);
    return version;
  }

  /** A version ends; nobody runs it any more. */
  void leave(Plans version) {
    locked(
        () -> {
          versions.remove(version);
          entries.values().forEach(entry -> entry.forget(version));
          if (pool.heldBytes() > 2 * pool.usedBytes()) {
            pool.letGo(); // room for the next version is kept, no more
          }
          if (versions.isEmpty()) {
            end();
          }
        });
  }

  private void end() {
    entries.values().forEach(PlanEntry::close);
    entries.clear();
    lanes.close();
    constants.close();
  }

  /** Whether there are versions beside this one. */
  boolean isShared() {
    return locked(() -> versions.size() > 1);
  }

  /** Runs a task under the lock, under which plans and versions come and go. */
  void locked(Runnable task) {
    locked(
        () -> {
          task.run();
          return null;
        });
  }

  private <T extends @Nullable Object> T locked(Supplier<T> task) {
    lock.lock();
    try {
      return task.get();
    } finally {
      lock.unlock();
    }
  }

  // Lanes.

  /** Opens frames until there are so many lanes; to be called before those have work to do. */
  void open(int count) {
    locked(
        () -> {
          while (lanes.size() < count) {
            giveBack(openLane());
          }
        });
  }

  /** Frames for a lane, until they are given back. */
  LaneFrames take() {
    LaneFrames there = lanes.takeIdle();
    if (there != null) {
      return there;
    }
    return locked(
        () -> {
          LaneFrames meanwhile = lanes.takeIdle();
          // else there are more threads than any version has lanes
          return meanwhile == null ? openLane() : meanwhile;
        });
  }

  void giveBack(LaneFrames lane) {
    lanes.giveBack(lane);
  }

  private LaneFrames openLane() {
    requireOpen();
    return lanes.open(entries.reversed().values());
  }

  // Plans.

  private PlanEntry compile(long bucket) {
    var dims = new HashMap<>(others);
    dims.put(dim, bucket);
    Plans of = versions.getFirst();
    Plan plan = Plan.compile(of.graph(), dims, kernels, options, pool);
    var entry = new PlanEntry(bucket, plan, of);
    try {
      List<PlanEntry> relatives = new ArrayList<>(entries.values());
      relatives.add(entry);
      versions.forEach(version -> entry.pack(version, relatives));
      return entry;
    } catch (RuntimeException | Error e) {
      entry.close();
      throw e;
    }
  }

  /** See {@link Plans#prepare}. */
  void prepare(long rows) {
    locked(
        () -> {
          requireOpen();
          long bucket = bucket(rows);
          if (!entries.containsKey(bucket)
              && entries.size() < capacity
              && (bucket != LONE || mayBeAlone())) {
            add(compile(bucket));
          }
        });
  }

  /** See {@link Plans#warmUp}. */
  void warmUp(long rows) {
    locked(
        () -> {
          prepare(rows);
          PlanEntry smallest = entries.firstEntry().getValue();
          warm(smallest, WARM_RUNS);
        });
  }

  /** Runs a plan in memory that nobody else uses: a lane may be at work in its own. */
  private static void warm(PlanEntry entry, int runs) {
    try (Frame frame = entry.open(null)) {
      for (int i = 0; i < runs; i++) {
        frame.run();
      }
    }
  }

  /** The bucket that serves so many rows, once it is there. */
  long bucket(long rows) {
    if (rows < 1 || rows > most) {
      throw TensorException.mismatch(
          "plans of " + name + ": expected 1 to " + most + " rows, got " + rows);
    }
    return rows == LONE && lone ? LONE : Buckets.of(rows);
  }

  /** Says that a bucket would serve better than the one that does. */
  void want(long bucket) {
    int asked = demand.count(bucket);
    // at once, and then every now and then: others may have become less needed
    if ((asked & asked - 1) == 0) {
      background.execute(() -> compileWanted(bucket, asked));
    }
  }

  private void compileWanted(long bucket, int asked) {
    locked(
        () -> {
          if (versions.isEmpty()
              || entries.containsKey(bucket)
              || (bucket == LONE && !mayBeAlone())) {
            return;
          }
          if (entries.size() < capacity || makeRoom(asked)) {
            add(compile(bucket));
          }
        });
  }

  /** Compiles a plan that somebody waits for, since none serves so many rows. */
  void compileNow(long bucket) {
    locked(
        () -> {
          requireOpen();
          if (entries.lastKey() < bucket) {
            if (entries.size() >= capacity) {
              remove(leastUsed());
            }
            add(compile(bucket));
          }
        });
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
      demand.forget(LONE);
    }
  }

  private void add(PlanEntry entry) {
    try {
      if (lanes.size() > 0) {
        warm(entry, 1);
      }
      lanes.add(entry);
    } catch (RuntimeException | Error e) {
      entry.close();
      throw e;
    }
    entries.put(entry.bucket, entry);
    demand.forget(entry.bucket);
  }

  private boolean makeRoom(int asked) {
    PlanEntry least = leastUsed();
    if (least == null || !Demand.isClearlyMore(asked, least)) {
      return false;
    }
    remove(least);
    entries.values().forEach(entry -> entry.uses = 0);
    demand.forgetAll();
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
      lanes.retire(old);
      old.close();
    }
  }

  /** See {@link Plans#buckets}. */
  List<Long> buckets() {
    return locked(() -> entries.keySet().stream().sorted().toList());
  }

  /** See {@link Plans#first}. */
  Plan first() {
    return locked(
        () -> {
          PlanEntry entry = entries.get(first);
          if (entry == null) {
            throw closed();
          }
          return entry.plan;
        });
  }

  private void requireOpen() {
    if (versions.isEmpty()) {
      throw closed();
    }
  }

  /** What is said to whoever comes when it is closed. */
  TensorException closed() {
    return new TensorException(TensorException.Kind.CLOSED, "plans of " + name + ": closed");
  }
}
