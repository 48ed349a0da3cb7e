package dev.nagare.models.onnx.export;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Node;
import dev.nagare.graph.op.Concat;
import dev.nagare.graph.op.ConstantOfShape;
import dev.nagare.graph.op.Expand;
import dev.nagare.graph.op.Gather;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Slice;
import dev.nagare.graph.op.Transpose;
import dev.nagare.graph.op.Trilu;
import dev.nagare.tensor.DType;
import java.util.List;
import java.util.stream.IntStream;

/** What computes nothing. */
final class MovingExport {
  private MovingExport() {}

  /** At most one size that is not a number can be left to the reader, as what remains. */
  static String of(ExportGraph to, Node node, Reshape reshape) {
    List<Dim> dims = reshape.to();
    boolean empty = dims.stream().anyMatch(dim -> dim.is(0)); // 0 stands for another size there
    long open = dims.stream().filter(dim -> !dim.isKnown()).count();
    if (empty) {
      throw new IllegalArgumentException("a reshape to " + dims + " is not written as ONNX");
    }
    String shape =
        open == 1
            ? to.longs(dims.stream().mapToLong(dim -> dim.isKnown() ? dim.value() : -1).toArray())
            : to.sizes(dims);
    return to.node("Reshape", List.of(to.name(node.input(0)), shape));
  }

  static String of(ExportGraph to, Node node, Slice slice) {
    String x = to.name(node.input(0));
    if (slice.axes().isEmpty()) {
      return x;
    }
    return to.node(
        "Slice",
        List.of(
            x,
            to.sizes(slice.starts()),
            to.sizes(ends(slice)),
            to.longs(slice.axes().stream().mapToLong(Integer::longValue).toArray()),
            to.longs(slice.steps().stream().mapToLong(Long::longValue).toArray())));
  }

  /** Of a walk back to the first position, the end -1 would count from the last there. */
  private static List<Dim> ends(Slice slice) {
    return IntStream.range(0, slice.ends().size())
        .mapToObj(
            i -> {
              Dim end = slice.ends().get(i);
              if (slice.steps().get(i) > 0) {
                return end;
              }
              if (!end.isKnown()) {
                throw new IllegalArgumentException(slice + " is not written as ONNX");
              }
              return end.is(-1) ? Dim.of(Long.MIN_VALUE) : end;
            })
        .toList();
  }

  static String of(ExportGraph to, Node node, Expand expand) {
    return to.node("Expand", List.of(to.name(node.input(0)), to.sizes(expand.to())));
  }

  static String of(ExportGraph to, Node node, Transpose transpose) {
    return to.node(
        "Transpose", List.of(to.name(node.input(0))), Attribute.integers("perm", transpose.axes()));
  }

  static String of(ExportGraph to, Node node, Concat concat) {
    return to.node(
        "Concat", ElementExport.inputs(to, node), Attribute.of("axis", (long) concat.axis()));
  }

  static String of(ExportGraph to, Node node, Gather gather) {
    return to.node(
        "Gather", ElementExport.inputs(to, node), Attribute.of("axis", (long) gather.axis()));
  }

  static String of(ExportGraph to, Node node, Trilu trilu) {
    return to.node(
        "Trilu",
        List.of(to.name(node.input(0)), to.scalar(DType.I64, (double) trilu.k())),
        Attribute.of("upper", trilu.upper() ? 1L : 0L));
  }

  static String of(ExportGraph to, ConstantOfShape constant) {
    return to.node(
        "ConstantOfShape",
        List.of(to.sizes(constant.shape())),
        Attribute.of("value", to.single(constant.dtype(), constant.value())));
  }
}
