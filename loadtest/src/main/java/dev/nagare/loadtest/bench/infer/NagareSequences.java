package dev.nagare.loadtest.bench.infer;

import dev.nagare.graph.plan.PlanOptions;
import dev.nagare.models.inference.CompiledModel;
import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.ModelOptions;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Our side for requests of different lengths: what a lane of the server runs, its copies in and out
 * included.
 */
final class NagareSequences implements InferModel {
  private final ProcessMemory memory = new ProcessMemory("bench infer");
  private final CompiledModel model;
  private final InferenceModel.Session session;
  private final List<List<Tensor>> questions = new ArrayList<>();
  private List<List<Tensor>> answers = List.of();

  NagareSequences(Path file, List<Request> requests, boolean bf16) throws IOException {
    var options = ModelOptions.best();
    if (bf16) {
      options = options.plan(PlanOptions.DEFAULT.dtype(DType.BF16));
    }
    model = CompiledModel.load(file, Map.of(), options);
    session = model.open();
    for (Request request : requests) {
      List<Tensor> question = new ArrayList<>();
      for (TensorSpec spec : model.inputs()) {
        for (Input input : request.inputs()) {
          if (input.name().equals(spec.name())) {
            Tensor tensor = memory.empty(spec.dtype(), Shape.of(input.dims()));
            NagareModel.fill(input, tensor);
            question.add(tensor);
          }
        }
      }
      questions.add(question);
    }
  }

  @Override
  public void run() {
    answers = session.run(questions);
  }

  @Override
  public float[] outputs() {
    int count = 0;
    for (List<Tensor> answer : answers) {
      count += Math.toIntExact(answer.getFirst().elements());
    }
    float[] all = new float[count];
    int at = 0;
    for (List<Tensor> answer : answers) {
      answer.getFirst().copyTo(all, at);
      at += Math.toIntExact(answer.getFirst().elements());
    }
    return all;
  }

  @Override
  public void close() {
    session.close();
    model.close();
    memory.close();
  }
}
