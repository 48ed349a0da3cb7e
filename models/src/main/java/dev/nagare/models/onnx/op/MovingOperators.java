package dev.nagare.models.onnx.op;

import java.util.List;

/** Operators that move elements, choose among them, or speak of shapes. */
final class MovingOperators {
  static final List<OnnxOperator> ALL =
      List.of(
          new OnnxCast(),
          new OnnxCastLike(),
          new OnnxConcat(),
          new OnnxConstant(),
          new OnnxConstantOfShape(),
          new OnnxDepthToSpace(),
          new OnnxDropout(),
          new OnnxExpand(),
          new OnnxFlatten(),
          new OnnxGather(),
          new OnnxGatherElements(),
          new OnnxGatherNd(),
          new OnnxIdentity(),
          new OnnxIf(),
          new OnnxOneHot(),
          new OnnxPad(),
          new OnnxRange(),
          new OnnxReshape(),
          new OnnxScatterElements("Scatter", 9, 10),
          new OnnxScatterElements("ScatterElements", 11, OnnxOperators.LAST_OPSET),
          new OnnxScatterNd(),
          new OnnxShape(),
          new OnnxSize(),
          new OnnxSlice(),
          new OnnxSpaceToDepth(),
          new OnnxSplit(),
          new OnnxSqueeze(),
          new OnnxTile(),
          new OnnxTranspose(),
          new OnnxTrilu(),
          new OnnxUnsqueeze());

  private MovingOperators() {}
}
