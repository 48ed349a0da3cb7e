package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Positions of an axis by their numbers: {@code y[i.., j.., k..] = table[i.., indices[j..], k..]}.
 *
 * <p>Inputs: table of any dtype; indices I64 or I32, a negative one counts from the end, one that
 * is no position is refused when it is met. Output: the table's shape with that of the indices in
 * place of the axis. Source: ONNX {@code Gather}.
 *
 * @param axis of the table; a negative one counts from the last
 */
public record Gather(int axis) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact table = Rules.required(name(), inputs, 0);
    Fact indices = Rules.required(name(), inputs, 1);
    int at = Rules.axis(name(), axis, table.rank());
    Moves.indices(name(), indices);
    List<Dim> shape = new ArrayList<>(table.shape().subList(0, at));
    shape.addAll(indices.shape());
    shape.addAll(table.shape().subList(at + 1, table.rank()));
    return List.of(new Fact(table.dtype(), shape, contents(table, indices)));
  }

  private @Nullable List<Dim> contents(Fact table, Fact indices) {
    List<Dim> elements = table.contents();
    List<Dim> which = indices.contents();
    if (elements == null || which == null || table.rank() != 1) {
      return null;
    }
    List<Dim> chosen = new ArrayList<>();
    for (Dim index : which) {
      if (!index.isKnown()) {
        return null;
      }
      chosen.add(elements.get((int) Moves.index(name(), index.value(), elements.size())));
    }
    return chosen;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor table = Moves.operand(inputs, 0);
    Tensor indices = Moves.operand(inputs, 1);
    Tensor y = outputs.getFirst();
    int rank = table.shape().rank();
    int at = Rules.axis(name(), axis, rank);
    long outer = Moves.product(table, 0, at);
    long size = table.dim(at);
    long row = Moves.product(table, at + 1, rank) * table.dtype().bytes();
    long n = indices.elements();
    return () -> {
      MemorySegment from = table.segment();
      MemorySegment to = y.segment();
      for (long i = 0; i < n; i++) {
        long index = Moves.index("gather", indices.getLong(i), size);
        for (long o = 0; o < outer; o++) {
          MemorySegment.copy(from, (o * size + index) * row, to, (o * n + i) * row, row);
        }
      }
    };
  }
}
