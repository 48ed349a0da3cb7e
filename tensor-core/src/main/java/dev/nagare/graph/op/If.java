package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Interpreter;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.StridedCopy;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of two graphs, as a condition says that is known only when it runs.
 *
 * <p>Inputs: condition BOOL with one element, then a value for each input of the graphs, which both
 * have the same inputs. Outputs: those of the graph that ran; both must answer the same dtypes and,
 * once sizes are numbers, the same shapes. Source: ONNX {@code If}.
 *
 * @param then runs if the condition holds
 * @param otherwise runs if not
 */
public record If(Graph then, Graph otherwise) implements Operator {
  private static final int LONGEST_NAME = 200;

  /** Checks that both have the same inputs and as many outputs. */
  public If {
    List<String> names = then.inputs().stream().map(Value::name).toList();
    if (!names.equals(otherwise.inputs().stream().map(Value::name).toList())
        || then.outputs().size() != otherwise.outputs().size()) {
      throw TensorException.mismatch(
          "if: branches of different inputs or outputs:\n" + then + otherwise);
    }
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact condition = Rules.of(name(), DType.BOOL, Rules.required(name(), inputs, 0));
    if (Rules.differ(condition.elements(), Dim.ONE)) {
      throw TensorException.mismatch("if: expected one condition, got " + condition);
    }
    for (int i = 0; i < then.inputs().size(); i++) {
      Fact given = Rules.required(name(), inputs, i + 1);
      Fact expected = then.inputs().get(i).fact();
      boolean fits = given.dtype() == expected.dtype() && given.rank() == expected.rank();
      for (int axis = 0; fits && axis < given.rank(); axis++) {
        fits = !Rules.differ(given.dim(axis), expected.dim(axis));
      }
      if (!fits) {
        throw TensorException.mismatch("if: input " + i + " " + given + ", expected " + expected);
      }
    }
    List<Fact> facts = new ArrayList<>();
    for (int i = 0; i < then.outputs().size(); i++) {
      facts.add(either(then.outputs().get(i).fact(), otherwise.outputs().get(i).fact()));
    }
    return facts;
  }

  private static Fact either(Fact one, Fact two) {
    boolean fits = one.dtype() == two.dtype() && one.rank() == two.rank();
    List<Dim> shape = new ArrayList<>();
    for (int axis = 0; fits && axis < one.rank(); axis++) {
      Dim a = one.dim(axis);
      Dim b = two.dim(axis);
      String either = "(" + a + " or " + b + ")";
      // Of branches of branches the names would double for ever.
      fits = !Rules.differ(a, b) && either.length() <= LONGEST_NAME;
      shape.add(a.equals(b) ? a : Dim.named(either));
    }
    if (!fits) {
      throw TensorException.mismatch(
          "if: branches answer "
              + one
              + " and "
              + two
              + ", but what reads them has one shape rule; where the condition depends on sizes, or"
              + " on an input that is always the same, give these when the model is read, and the"
              + " branch is chosen then");
    }
    return Fact.of(one.dtype(), shape);
  }

  @Override
  public Operator bind(Map<String, Long> names) {
    return new If(then.bind(names), otherwise.bind(names));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor condition = Moves.operand(inputs, 0);
    Map<String, Tensor> captured = new HashMap<>();
    for (int i = 0; i < then.inputs().size(); i++) {
      captured.put(then.inputs().get(i).name(), Moves.operand(inputs, i + 1));
    }
    Step first = branch(then, kernels, captured, outputs, scratch);
    Step second = branch(otherwise, kernels, captured, outputs, scratch);
    return () -> (condition.getLong(0) != 0 ? first : second).run();
  }

  private static Step branch(
      Graph branch,
      Kernels kernels,
      Map<String, Tensor> captured,
      List<Tensor> outputs,
      Memory scratch) {
    var interpreter = new Interpreter(branch, kernels, captured, scratch);
    List<Tensor> results = List.copyOf(interpreter.outputs().values());
    StridedCopy[] copies = new StridedCopy[results.size()];
    for (int i = 0; i < copies.length; i++) {
      copies[i] = StridedCopy.between(results.get(i), outputs.get(i));
    }
    return () -> {
      interpreter.run();
      for (StridedCopy copy : copies) {
        copy.run();
      }
    };
  }

  @Override
  public String toString() {
    return "If[then=" + then.name() + ", otherwise=" + otherwise.name() + "]";
  }
}
