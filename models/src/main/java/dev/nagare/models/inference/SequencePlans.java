package dev.nagare.models.inference;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.pass.Ragged;
import dev.nagare.graph.plan.Buckets;
import dev.nagare.graph.plan.Frame;
import dev.nagare.graph.plan.PlanLane;
import dev.nagare.graph.plan.Plans;
import dev.nagare.graph.plan.Sequences;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Plans over tokens: sequences of any lengths, without padding.
 *
 * <p>Sequences run in parts of up to {@value #PART} tokens, for which products are as quick per
 * token as for any more: few plans, all of them small, serve every mixture, and one that is not
 * there yet is stood in for by one that is not much larger. A longer sequence runs alone, in a plan
 * that is compiled when the first one comes.
 */
final class SequencePlans implements AutoCloseable {
  private static final int PART = 256;

  /** All 31 that there are up to a part, and some for longer sequences. */
  private static final int MOST_BUCKETS = 40;

  /** Sequences of the plan for few tokens that is there from the start. */
  private static final int[] WARM = {3, 5, 8, 16, 32};

  private static final int WARM_RUNS = 3;
  private static final String TOKENS = "tokens";

  private final List<TensorSpec> outputs;
  private final ModelOptions options;
  private final int partTokens;
  private final Plans plans;

  /** Where the inputs of tokens are among the model's. */
  private final List<Integer> ofTokens = new ArrayList<>();

  private final List<TensorSpec> inputs;

  /** Where the masks are. */
  private final List<Integer> masks = new ArrayList<>();

  /**
   * Plans of a graph of tokens.
   *
   * @param before of another version with the same options, whose plans are shared if both graphs
   *     are alike
   */
  SequencePlans(
      Graph packed,
      Set<String> maskNames,
      List<TensorSpec> inputs,
      List<TensorSpec> outputs,
      ModelOptions options,
      @Nullable SequencePlans before) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.options = options;
    var left = packed.inputs().stream().map(Value::name).collect(Collectors.toSet());
    for (int i = 0; i < inputs.size(); i++) {
      if (left.contains(inputs.get(i).name())) {
        ofTokens.add(i);
      }
      if (maskNames.contains(inputs.get(i).name())) {
        masks.add(i);
      }
    }
    boolean attends = left.contains(Ragged.OFFSETS);
    Map<String, Long> others = attends ? Map.of(Ragged.OFFSETS, options.mostRows() + 1L) : Map.of();
    partTokens = Math.min(PART, options.mostTokens());
    Plans shared = before == null ? null : before.plans.like(packed);
    plans = shared == null ? compiled(packed, others) : shared;
  }

  private Plans compiled(Graph packed, Map<String, Long> others) {
    return new Plans(
        packed,
        TOKENS,
        partTokens,
        options.mostTokens(),
        others,
        options.kernels(),
        options.plan(),
        Background.EXECUTOR,
        MOST_BUCKETS);
  }

  /**
   * How many tokens a question has, if every row fits in a run, and is shown by its masks from the
   * start to some position; -1 if not.
   */
  long tokens(List<Tensor> question) {
    Tensor first = question.getFirst();
    if (first.dim(1) > options.mostTokens()) {
      return -1;
    }
    long tokens = 0;
    for (long row = 0; row < first.dim(0); row++) {
      int length = length(question, row);
      if (length < 1) {
        return -1;
      }
      tokens += length;
    }
    return tokens;
  }

  /** How many tokens of a row count; -1 if its masks differ or have holes. */
  private int length(List<Tensor> question, long row) {
    long most = question.getFirst().dim(1);
    long length = most;
    for (int i = 0; i < masks.size(); i++) {
      Tensor mask = question.get(masks.get(i));
      long shown = 0;
      while (shown < most && mask.getLong(row * most + shown) == 1) {
        shown++;
      }
      for (long at = shown; at < most; at++) {
        if (mask.getLong(row * most + at) != 0) {
          return -1;
        }
      }
      if (i > 0 && shown != length) {
        return -1;
      }
      length = shown;
    }
    return (int) length;
  }

  /**
   * Bytes that a lane needs for the values of the largest plan, which need not be there yet: they
   * grow with the tokens of its bucket. And those that it needs while a sequence attends that is as
   * long as any may be.
   */
  long laneBytes() {
    long first = plans.first().arenaBytes();
    long values = Math.ceilDiv(first * Buckets.of(options.mostTokens()), Buckets.of(partTokens));
    return values + plans.first().sequenceBytes(options.mostTokens());
  }

  /** Runs on zeros, unless other versions have run. */
  void warmUp() {
    if (plans.isShared()) {
      return;
    }
    int tokens = IntStream.of(WARM).sum();
    boolean fits = tokens < partTokens && WARM.length <= options.mostRows();
    if (fits) {
      plans.prepare(tokens);
    }
    int[] lengths = fits ? WARM : new int[] {Math.min(tokens, partTokens)};
    try (PlanLane lane = plans.lane()) {
      Frame frame = lane.frame(IntStream.of(lengths).sum());
      frame.sequences().place(lengths, lengths.length);
      for (int i = 0; i < WARM_RUNS; i++) {
        frame.run();
      }
    }
  }

  boolean sharesPlansWith(SequencePlans other) {
    return plans.sharesWith(other.plans);
  }

  /** For how many tokens there are plans. */
  List<Long> buckets() {
    return plans.buckets();
  }

  /** Compiles these, too, but for those of long sequences: they are large, and run alone. */
  void prepare(List<Long> buckets) {
    buckets.stream().filter(tokens -> tokens <= partTokens).forEach(plans::prepare);
  }

  InferenceModel.Session open() {
    return new SequenceSession();
  }

  @Override
  public void close() {
    plans.close();
  }

  /** A row of a question. */
  private record Row(int question, long row, int length) {}

  /** One lane. */
  private final class SequenceSession implements InferenceModel.Session {
    private final PlanLane lane = plans.lane();
    private final Scope results = new Scope(1 << 16);
    private final int[] lengths = new int[options.mostRows()];

    @Override
    public List<List<Tensor>> run(List<List<Tensor>> questions) {
      try {
        return answers(questions);
      } finally {
        lane.rest();
      }
    }

    private List<List<Tensor>> answers(List<List<Tensor>> questions) {
      results.reset();
      List<List<Tensor>> answers = new ArrayList<>();
      List<Row> part = new ArrayList<>();
      int tokens = 0;
      for (int q = 0; q < questions.size(); q++) {
        List<Tensor> question = questions.get(q);
        Tensor first = question.getFirst();
        answers.add(empty(first.dim(0), first.dim(1)));
        for (long row = 0; row < first.dim(0); row++) {
          int length = length(question, row);
          if (tokens > 0 && (tokens + length > partTokens || part.size() == options.mostRows())) {
            run(part, tokens, questions, answers);
            part.clear();
            tokens = 0;
          }
          part.add(new Row(q, row, length));
          tokens += length;
        }
      }
      run(part, tokens, questions, answers);
      return answers;
    }

    private List<Tensor> empty(long rows, long length) {
      List<Tensor> made = new ArrayList<>();
      for (TensorSpec output : outputs) {
        Map<String, Long> names = new HashMap<>();
        names.put(output.shape().get(0).toString(), rows);
        names.put(output.shape().get(1).toString(), length);
        long[] shape = output.shape().stream().mapToLong(dim -> dim.bind(names).value()).toArray();
        made.add(results.zeros(output.dtype(), Shape.of(shape)));
      }
      return made;
    }

    private void run(
        List<Row> part, int tokens, List<List<Tensor>> questions, List<List<Tensor>> answers) {
      Frame frame = lane.frame(tokens);
      Sequences sequences = frame.sequences();
      for (int i = 0; i < part.size(); i++) {
        lengths[i] = part.get(i).length();
      }
      sequences.place(lengths, part.size());
      long at = 0;
      for (Row row : part) {
        for (int input : ofTokens) {
          Tensor from = questions.get(row.question()).get(input).narrow(row.row(), 1);
          long length = row.length();
          frame
              .input(inputs.get(input).name())
              .narrow(at, length)
              .copyFrom(from.reshape(from.elements()).narrow(0, length));
        }
        at += row.length();
      }
      frame.run();
      at = 0;
      for (Row row : part) {
        List<Tensor> outs = answers.get(row.question());
        for (int i = 0; i < outs.size(); i++) {
          Tensor to = outs.get(i).select(0, row.row()).narrow(0, 0, row.length());
          to.copyFrom(frame.output(i).narrow(at, row.length()));
        }
        at += row.length();
      }
    }

    @Override
    public void close() {
      lane.close();
      results.close();
    }
  }
}
