package dev.nagare.models.inference;

import dev.nagare.graph.plan.Frame;
import dev.nagare.graph.plan.PlanLane;
import dev.nagare.tensor.Tensor;
import java.util.List;

/**
 * The rows of several questions, run in the parts that are done soonest.
 *
 * @param lane of plans over rows
 * @param most rows in a part
 * @param questions the inputs of each
 * @param answers the outputs of each, to be filled
 */
record Rows(PlanLane lane, long most, List<List<Tensor>> questions, List<List<Tensor>> answers) {

  void run() {
    long total = 0;
    for (List<Tensor> question : questions) {
      total += question.getFirst().dim(0);
    }
    long count;
    for (long from = 0; from < total; from += count) {
      count = lane.part(Math.min(most, total - from));
      Frame frame = lane.frame(count);
      long begin = from;
      each(
          begin,
          count,
          (question, row, at, rows) -> {
            List<Tensor> inputs = questions.get(question);
            for (int i = 0; i < inputs.size(); i++) {
              frame.input(i).narrow(at, rows).copyFrom(inputs.get(i).narrow(row, rows));
            }
          });
      lane.run();
      each(
          begin,
          count,
          (question, row, at, rows) -> {
            List<Tensor> outputs = answers.get(question);
            for (int i = 0; i < outputs.size(); i++) {
              outputs.get(i).narrow(row, rows).copyFrom(frame.output(i).narrow(at, rows));
            }
          });
    }
  }

  /** Some rows of a question, and where they are in a part. */
  private interface Piece {
    void move(int question, long row, long at, long rows);
  }

  /** Calls for each piece of a question among {@code count} rows of all from {@code from} on. */
  private void each(long from, long count, Piece piece) {
    long start = 0;
    for (int question = 0; question < questions.size(); question++) {
      long rows = questions.get(question).getFirst().dim(0);
      long begin = Math.max(from, start);
      long end = Math.min(from + count, start + rows);
      if (begin < end) {
        piece.move(question, begin - start, begin - from, end - begin);
      }
      start += rows;
    }
  }
}
