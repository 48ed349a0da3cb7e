package dev.nagare.models.inference;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.pass.RowsApart;
import dev.nagare.graph.plan.Frame;
import dev.nagare.graph.plan.PlanLane;
import dev.nagare.graph.plan.Plans;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Plans over rows: one family of buckets for each combination of the other sizes, of which the
 * {@value #MOST_SHAPES} that were asked for last are kept. Versions that differ in their weights
 * alone share them.
 */
final class RowPlans implements AutoCloseable {
  private static final int MOST_SHAPES = 16;
  private static final int MOST_BUCKETS = 8;

  /** Of the plan that the JVM learns on. */
  private static final int FEW_ROWS = 2;

  /** Stands for the rows of a model that takes one question at a time. */
  private static final String NO_ROWS = "";

  /** The kind of all questions where nothing but the rows varies. */
  static final Object ROWS_ALONE = Map.of();

  private final Graph graph;
  private final List<TensorSpec> inputs;
  private final List<TensorSpec> outputs;
  private final ModelOptions options;
  private final @Nullable String rowName;

  /** Sizes of the outputs from the second axis on, if the rows are the only size that varies. */
  private final long @Nullable [][] onlyRows;

  private final Map<Map<String, Long>, Plans> plans = new LinkedHashMap<>(MOST_SHAPES, 0.75f, true);

  /**
   * Plans of a graph.
   *
   * @param before of another version with the same options, whose plans are shared where both
   *     graphs are alike
   */
  RowPlans(
      Graph graph,
      List<TensorSpec> inputs,
      List<TensorSpec> outputs,
      ModelOptions options,
      @Nullable RowPlans before) {
    this.graph = graph;
    this.inputs = inputs;
    this.outputs = outputs;
    this.options = options;
    this.rowName = rowName(graph, inputs, outputs);
    this.onlyRows = rowName == null ? null : knownBeside(inputs, outputs);
    if (before != null) {
      try {
        before.shareWith(this);
      } catch (RuntimeException | Error e) {
        close();
        throw e;
      }
    }
  }

  private void shareWith(RowPlans next) {
    // Not under the lock, which lanes take for every run: weights are packed.
    plansNow()
        .forEach(
            (others, known) -> {
              Plans shared = known.like(next.graph);
              if (shared != null) {
                next.plans.put(others, shared);
              }
            });
  }

  private static long @Nullable [][] knownBeside(
      List<TensorSpec> inputs, List<TensorSpec> outputs) {
    boolean known =
        Stream.of(inputs, outputs)
            .flatMap(List::stream)
            .allMatch(spec -> spec.shape().stream().skip(1).allMatch(Dim::isKnown));
    if (!known) {
      return null;
    }
    return outputs.stream()
        .map(spec -> spec.shape().stream().skip(1).mapToLong(Dim::value).toArray())
        .toArray(long[][]::new);
  }

  /** Rows of a question, if nothing else varies and all inputs agree; 0 otherwise. */
  int onlyRows(List<Tensor> tensors) {
    if (onlyRows == null) {
      return 0;
    }
    long rows = tensors.getFirst().dim(0);
    for (int i = 1; i < tensors.size(); i++) {
      if (tensors.get(i).dim(0) != rows) {
        return 0;
      }
    }
    return Math.toIntExact(rows);
  }

  /**
   * The name that is the first axis of everything and no other axis; null if there is none, or if
   * rows depend on each other.
   */
  private static @Nullable String rowName(
      Graph graph, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    List<TensorSpec> all = new ArrayList<>(inputs);
    all.addAll(outputs);
    if (inputs.isEmpty() || inputs.getFirst().shape().isEmpty()) {
      return null;
    }
    Dim rows = inputs.getFirst().shape().getFirst();
    Map<String, Long> one = Map.of(rows.toString(), 1L);
    for (TensorSpec spec : all) {
      if (rows.isKnown() || spec.shape().isEmpty() || !spec.shape().getFirst().equals(rows)) {
        return null;
      }
      for (Dim dim : spec.shape().subList(1, spec.shape().size())) {
        if (!dim.bind(one).equals(dim)) {
          return null;
        }
      }
    }
    return RowsApart.fault(graph, rows).isEmpty() ? rows.toString() : null;
  }

  int rows(Map<String, Long> sizes) {
    return rowName == null ? 1 : Math.toIntExact(sizes.getOrDefault(rowName, 1L));
  }

  /**
   * What a question is to a batch. Without rows all questions are of one kind, whatever their
   * sizes, since each has a run of its own anyway: a kind for each would be a line for each.
   */
  InferenceModel.Size size(Map<String, Long> sizes, long work) {
    return rowName == null
        ? new InferenceModel.Size(1, work, NO_ROWS, false)
        : new InferenceModel.Size(rows(sizes), work, others(sizes));
  }

  private Map<String, Long> others(Map<String, Long> sizes) {
    Map<String, Long> others = new TreeMap<>(sizes);
    if (rowName != null) {
      others.remove(rowName);
    }
    return others;
  }

  /** The plans for these sizes, compiled here if they are new; the caller holds the lock. */
  private Plans plans(Map<String, Long> others) {
    Plans found = plans.get(others);
    if (found == null) {
      found = compiled(others);
      plans.put(others, found);
      if (plans.size() > MOST_SHAPES) {
        var oldest = plans.entrySet().iterator().next();
        plans.remove(oldest.getKey());
        oldest.getValue().close();
      }
    }
    return found;
  }

  private Plans compiled(Map<String, Long> others) {
    int most = rowName == null ? 1 : options.mostRows();
    return new Plans(
        graph,
        rowName == null ? NO_ROWS : rowName,
        most,
        most,
        others,
        options.kernels(),
        options.plan(),
        Background.EXECUTOR,
        MOST_BUCKETS);
  }

  /**
   * A lane's frames for these sizes; those of sizes that nobody keeps any more are closed.
   *
   * @param held by the lane
   */
  private synchronized PlanLane lane(Map<String, Long> others, Map<Plans, PlanLane> held) {
    Plans wanted = plans(others);
    held.entrySet()
        .removeIf(
            entry -> {
              boolean gone = !plans.containsValue(entry.getKey());
              if (gone) {
                entry.getValue().close();
              }
              return gone;
            });
    return held.computeIfAbsent(wanted, Plans::lane);
  }

  /** Whether all sizes but the rows are known, so that there is a plan before anybody asks. */
  private boolean planned() {
    Map<String, Long> names = rowName == null ? Map.of() : Map.of(rowName, 1L);
    return inputs.stream()
        .allMatch(input -> input.shape().stream().allMatch(dim -> dim.bind(names).isKnown()));
  }

  /** Bytes that a lane needs for the values of the largest plan; 0 if there is none yet. */
  synchronized long laneBytes() {
    return planned() ? plans(Map.of()).first().arenaBytes() : 0;
  }

  /** Runs on zeros if there is a plan. */
  synchronized void warmUp() {
    if (!planned()) {
      return;
    }
    plans(Map.of()).warmUp(FEW_ROWS);
  }

  /** For how many rows there are plans, if there are any before anybody asks. */
  List<Long> buckets() {
    Plans found;
    synchronized (this) {
      found = plans.get(Map.of());
    }
    // Not under the lock, which lanes take for every run: a plan may be being compiled.
    return found == null ? List.of() : found.buckets();
  }

  /** Whether all plans that there are now are the other one's as well. */
  boolean sharesPlansWith(RowPlans other) {
    Map<Map<String, Long>, Plans> theirs = other.plansNow();
    Map<Map<String, Long>, Plans> own = plansNow();
    return !own.isEmpty()
        && own.entrySet().stream()
            .allMatch(
                entry -> {
                  Plans their = theirs.get(entry.getKey());
                  return their != null && their.sharesWith(entry.getValue());
                });
  }

  private synchronized Map<Map<String, Long>, Plans> plansNow() {
    return new LinkedHashMap<>(plans);
  }

  /** Compiles these, too, where that can be before anybody asks. */
  synchronized void prepare(List<Long> buckets) {
    if (planned() && rowName != null) {
      buckets.forEach(rows -> plans(Map.of()).prepare(Math.min(rows, options.mostRows())));
    }
  }

  InferenceModel.Session open() {
    return new RowSession();
  }

  @Override
  public synchronized void close() {
    plans.values().forEach(Plans::close);
    plans.clear();
  }

  /** One lane. */
  private final class RowSession implements InferenceModel.Session {
    private final Map<Plans, PlanLane> lanes = new HashMap<>();
    private final Scope results = new Scope(1 << 16);

    /** Opens the frames that are sure to be needed: no first caller waits for them. */
    RowSession() {
      try {
        if (planned()) {
          var _ = lane(Map.of(), lanes);
        }
      } catch (RuntimeException | Error e) {
        close();
        throw e;
      }
    }

    @Override
    public List<List<Tensor>> run(List<List<Tensor>> questions) {
      try {
        return answers(questions);
      } finally {
        lanes.values().forEach(PlanLane::rest);
      }
    }

    private List<List<Tensor>> answers(List<List<Tensor>> questions) {
      results.reset();
      List<List<Tensor>> answers = new ArrayList<>(questions.size());
      if (onlyRows != null) {
        for (List<Tensor> question : questions) {
          answers.add(empty(onlyRows, question.getFirst().dim(0)));
        }
        new Rows(lane(Map.of(), lanes), options.mostRows(), questions, answers).run();
        return answers;
      }
      Map<String, Long> sizes = CompiledModel.sizes(inputs, questions.getFirst());
      Map<String, Long> others = others(sizes);
      PlanLane lane = lane(others, lanes);
      for (List<Tensor> question : questions) {
        answers.add(empty(others, rows(CompiledModel.sizes(inputs, question))));
      }
      if (rowName == null) {
        for (int i = 0; i < questions.size(); i++) {
          whole(lane.frame(1), questions.get(i), answers.get(i));
        }
      } else {
        new Rows(lane, options.mostRows(), questions, answers).run();
      }
      return answers;
    }

    private List<Tensor> empty(long[][] beside, long rows) {
      List<Tensor> made = new ArrayList<>(beside.length);
      for (int i = 0; i < beside.length; i++) {
        long[] shape = new long[beside[i].length + 1];
        shape[0] = rows;
        System.arraycopy(beside[i], 0, shape, 1, beside[i].length);
        made.add(results.empty(outputs.get(i).dtype(), Shape.of(shape)));
      }
      return made;
    }

    private List<Tensor> empty(Map<String, Long> others, long rows) {
      Map<String, Long> names = new HashMap<>(others);
      if (rowName != null) {
        names.put(rowName, rows);
      }
      List<Tensor> made = new ArrayList<>();
      for (TensorSpec output : outputs) {
        long[] shape = output.shape().stream().mapToLong(dim -> dim.bind(names).value()).toArray();
        made.add(results.empty(output.dtype(), Shape.of(shape)));
      }
      return made;
    }

    private static void whole(Frame frame, List<Tensor> question, List<Tensor> answer) {
      for (int i = 0; i < question.size(); i++) {
        frame.input(i).copyFrom(question.get(i));
      }
      frame.run();
      for (int i = 0; i < answer.size(); i++) {
        answer.get(i).copyFrom(frame.output(i));
      }
    }

    @Override
    public void close() {
      lanes.values().forEach(PlanLane::close);
      results.close();
    }
  }
}
