package dev.nagare.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.Recurrent;
import dev.nagare.nn.Recurrent.Output;
import dev.nagare.nn.Recurrent.State;
import dev.nagare.nn.RecurrentOptions;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Recurrent layers beside libtorch's, whose weights are ours transposed, whose states are one
 * tensor for all layers and directions, and whose rows that end early are packed.
 *
 * @param function of libtorch
 * @param hasCell whether a state has a cell
 * @param layers makes ours
 */
record RecurrentTorch(String function, boolean hasCell, Layers layers) {

  /** Makes the layers that are compared. */
  interface Layers {
    Recurrent create(ParameterFactory factory, int inputSize, int hiddenSize, RecurrentOptions o);
  }

  private static String weights(RecurrentOptions options) {
    List<String> names = new ArrayList<>();
    for (int layer = 0; layer < options.layers(); layer++) {
      for (String end : options.bidirectional() ? List.of("", "_reverse") : List.of("")) {
        String of = "_l" + layer + end;
        names.add("torch.t(weight_ih" + of + ")");
        names.add("torch.t(weight_hh" + of + ")");
        names.add("bias_ih" + of);
        names.add("bias_hh" + of);
      }
    }
    return "[" + String.join(", ", names) + "]";
  }

  /** What follows the weights: biases, layers, dropout, training, directions. */
  private static String rest(RecurrentOptions options) {
    return "True, %d, 0., True, %s"
        .formatted(options.layers(), options.bidirectional() ? "True" : "False");
  }

  private String results() {
    return hasCell ? "h, c, " : "h, ";
  }

  /** Whole rows from a carried state. */
  void agrees(Candidate candidate, RecurrentOptions options, int n, int steps, int in, int hidden) {
    String body =
        "y, %s= torch.%s(x, %s, %s, %s, True)\nreturn [y, %s]"
            .formatted(
                results(),
                function,
                hasCell ? "[h0, c0]" : "h0",
                weights(options),
                rest(options),
                hasCell ? "h, c" : "h");
    compare(candidate, options, n, steps, in, hidden, body, null);
  }

  /** Whole rows from a zero state, in two pieces of which the second carries on. */
  void cutAgrees(Candidate candidate, RecurrentOptions options, int n, int in, int hidden) {
    String call = "torch.%s(x%d, %s, " + weights(options) + ", " + rest(options) + ", True)\n";
    String zero = "torch.zeros([%d, %d, %d], dtype=7)".formatted(options.layers(), n, hidden);
    String body =
        "y1, %s= ".formatted(results())
            + call.formatted(function, 1, hasCell ? "[" + zero + ", " + zero + "]" : zero)
            + "y2, %s= ".formatted(results())
            + call.formatted(function, 2, hasCell ? "[h, c]" : "h")
            + "return [y1, y2, h]";
    try (var oracle = new Oracle(candidate)) {
      Parameter first = oracle.operand("x1", n, 4, in);
      Parameter second = oracle.operand("x2", n, 3, in);
      var ours = oracle.include(layers.create(oracle.factory(), in, hidden, options));
      oracle.agree(
          body,
          tape -> {
            Output before = ours.run(tape.watch(first));
            Output after = ours.run(tape.watch(second), null, before.states(), null);
            return List.of(before.hidden(), after.hidden(), hidden(after));
          });
    }
  }

  /** Rows of these lengths from a carried state; libtorch wants them longest first. */
  void packedAgrees(
      Candidate candidate, RecurrentOptions options, int steps, int in, int hidden, int... of) {
    int n = of.length;
    int[] order =
        IntStream.range(0, n).boxed().sorted((a, b) -> of[b] - of[a]).mapToInt(i -> i).toArray();
    int[] back = new int[n];
    for (int i = 0; i < n; i++) {
      back[order[i]] = i;
    }
    String body =
        """
        order = %s
        back = %s
        data, sizes, = torch._pack_padded_sequence(torch.index_select(x, 0, order), %s, True)
        h1 = torch.index_select(h0, 1, order)
        %s
        data, %s= torch.%s(data, sizes, %s, %s, %s)
        y, _, = torch._pad_packed_sequence(data, sizes, True, 0., %d)
        return [torch.index_select(y, 0, back), torch.index_select(h, 1, back)%s]"""
            .formatted(
                longs(order),
                longs(back),
                longs(IntStream.of(order).map(i -> of[i]).toArray()),
                hasCell ? "c1 = torch.index_select(c0, 1, order)" : "",
                results(),
                function,
                hasCell ? "[h1, c1]" : "h1",
                weights(options),
                rest(options),
                steps,
                hasCell ? ", torch.index_select(c, 1, back)" : "");
    compare(candidate, options, n, steps, in, hidden, body, of);
  }

  private static String longs(int[] numbers) {
    return IntStream.of(numbers)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "torch.tensor([", "], dtype=4)"));
  }

  private void compare(
      Candidate candidate,
      RecurrentOptions options,
      int n,
      int steps,
      int in,
      int hidden,
      String body,
      int @Nullable [] lengths) {
    int count = options.layers() * (options.bidirectional() ? 2 : 1);
    try (var oracle = new Oracle(candidate)) {
      Parameter x = oracle.operand("x", n, steps, in);
      Parameter h0 = oracle.operand("h0", count, n, hidden);
      Parameter c0 = hasCell ? oracle.operand("c0", count, n, hidden) : h0;
      var ours = oracle.include(layers.create(oracle.factory(), in, hidden, options));
      Tensor ends = lengths == null ? null : tensor(oracle, lengths);
      oracle.agree(
          body,
          tape -> {
            Output output = ours.run(tape.watch(x), ends, states(tape, count, h0, c0), null);
            assertThat(output.states()).hasSize(count);
            return hasCell
                ? List.of(output.hidden(), hidden(output), cells(output))
                : List.of(output.hidden(), hidden(output));
          });
    }
  }

  private static Tensor tensor(Oracle oracle, int[] numbers) {
    Tensor tensor = oracle.memory().empty(DType.I64, Shape.of(numbers.length));
    for (int i = 0; i < numbers.length; i++) {
      tensor.setLong(i, numbers[i]);
    }
    return tensor;
  }

  private List<State> states(Tape tape, int count, Parameter h0, Parameter c0) {
    List<State> states = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Variable cell = hasCell ? tape.watch(c0).select(0, i) : null;
      states.add(new State(tape.watch(h0).select(0, i), cell));
    }
    return states;
  }

  private static Variable hidden(Output output) {
    return Variable.stack(0, output.states().stream().map(State::hidden).toArray(Variable[]::new));
  }

  private static Variable cells(Output output) {
    return Variable.stack(
        0,
        output.states().stream()
            .map(state -> Objects.requireNonNull(state.cell()))
            .toArray(Variable[]::new));
  }
}
