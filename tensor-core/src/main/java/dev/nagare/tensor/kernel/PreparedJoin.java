package dev.nagare.tensor.kernel;

import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.JoinSpec;

/** Rows next to each other, one matrix after the other. */
final class PreparedJoin extends PlainPreparedKernel {
  private final ChannelLoops loops;
  private final long rows;
  private final long[] bytes; // of a row of each
  private final long all;

  PreparedJoin(JoinSpec spec, ChannelLoops loops) {
    super(Arguments.of(spec), "rows");
    this.loops = loops;
    this.rows = spec.rows();
    long size = spec.dtype().bytes();
    this.bytes = spec.columns().stream().mapToLong(columns -> columns * size).toArray();
    this.all = spec.all() * size;
  }

  @Override
  void compute(Places at) {
    long y = at.output;
    for (int i = 0; i < bytes.length; i++) {
      loops.copy(at.inputs[i], bytes[i], y, all, rows, bytes[i]);
      y += bytes[i];
    }
  }
}
