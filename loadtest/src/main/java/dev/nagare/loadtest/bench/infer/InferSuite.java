package dev.nagare.loadtest.bench.infer;

import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.duel.Agreement;
import dev.nagare.loadtest.bench.duel.Duel;
import dev.nagare.loadtest.bench.duel.HeapPerStep;
import dev.nagare.loadtest.bench.duel.PeakShare;
import dev.nagare.loadtest.bench.duel.PeakSide;
import dev.nagare.loadtest.bench.duel.Side;
import java.nio.file.Path;
import java.util.List;

/** The suite {@code infer}. */
public final class InferSuite {
  /** Two f32 engines sum in another order. */
  private static final Agreement F32 = Agreement.ofScale(1e-4);

  private static final double BF16_COSINE = 0.999;
  private static final int MINILM_WIDTH = 384;
  private static final int CLASSES = 1_000;

  /** Its figures, in the order of the table. */
  public static final List<Figure> FIGURES =
      List.of(
          f32("minilm-b1-t16", InferTask.MINILM_T16),
          bf16("minilm-b1-t16-bf16", InferTask.MINILM_T16, MINILM_WIDTH),
          f32("minilm-b1-t128", InferTask.MINILM_T128),
          bf16("minilm-b1-t128-bf16", InferTask.MINILM_T128, MINILM_WIDTH),
          twoThreads("minilm-b1-t128-2t", InferTask.MINILM_T128),
          duel(
              "minilm-b32-mixed",
              InferTask.MINILM_MIXED,
              Contender.NAGARE,
              Contender.ORT_MIXED,
              F32),
          duel(
              "minilm-b32-mixed-bf16",
              InferTask.MINILM_MIXED,
              Contender.NAGARE_BF16,
              Contender.ORT_MIXED,
              Agreement.cosine(BF16_COSINE, MINILM_WIDTH)),
          duel(
              "minilm-b32-mixed-padded",
              InferTask.MINILM_MIXED,
              Contender.NAGARE,
              List.of(Contender.ORT_PADDED),
              F32),
          f32("resnet50-b1", InferTask.RESNET50),
          bf16("resnet50-b1-bf16", InferTask.RESNET50, CLASSES),
          twoThreads("resnet50-b1-2t", InferTask.RESNET50),
          f32("squeezenet-b1", InferTask.SQUEEZENET),
          bf16("squeezenet-b1-bf16", InferTask.SQUEEZENET, CLASSES),
          f32("densenet121-b1", InferTask.DENSENET121),
          bf16("densenet121-b1-bf16", InferTask.DENSENET121, CLASSES),
          f32("ocr-cls-b1", InferTask.OCR_CLS),
          f32("digits-b1", InferTask.DIGITS),
          f32("lstm-b1", InferTask.LSTM),
          new OnModel(
              LoadAndMemory.NAMES,
              "s",
              ModelFile.MINILM,
              file ->
                  new LoadAndMemory(
                      new InferSide(Contender.NAGARE, InferTask.MINILM_T128, file),
                      new InferSide(Contender.ORT, InferTask.MINILM_T128, file))),
          new OnModel(
              List.of("heap-bytes-per-call"),
              "bytes",
              ModelFile.DIGITS,
              file ->
                  new HeapPerStep(
                      "heap-bytes-per-call",
                      new InferSide(Contender.NAGARE, InferTask.DIGITS, file),
                      20_000,
                      2_000)),
          peak("minilm-t128-peak", InferTask.MINILM_T128, Operations.minilm(128)),
          peak("resnet50-peak", InferTask.RESNET50, Operations.resnet50()));

  private InferSuite() {}

  private static Figure f32(String name, InferTask task) {
    return duel(name, task, Contender.NAGARE, Contender.ORT_ONE, F32);
  }

  private static Figure bf16(String name, InferTask task, int width) {
    Agreement agreement = Agreement.cosine(BF16_COSINE, width);
    return duel(name, task, Contender.NAGARE_BF16, Contender.ORT_ONE, agreement);
  }

  private static Figure twoThreads(String name, InferTask task) {
    return duel(name, task, Contender.NAGARE_2T, Contender.ORT_TWO_THREADS, F32);
  }

  private static Figure duel(
      String name, InferTask task, Contender ours, List<Contender> peers, Agreement agreement) {
    return new OnModel(
        List.of(name), "s", task.model(), file -> duel(name, task, file, ours, peers, agreement));
  }

  private static Duel duel(
      String name,
      InferTask task,
      Path file,
      Contender ours,
      List<Contender> peers,
      Agreement agreement) {
    List<Side> sides = peers.stream().<Side>map(peer -> new InferSide(peer, task, file)).toList();
    return new Duel(
        name,
        new InferSide(ours, task, file),
        sides,
        agreement,
        task.warmUpSteps(),
        task.blockSteps());
  }

  private static Figure peak(String name, InferTask task, double operations) {
    return new OnModel(
        List.of(name),
        "fraction",
        task.model(),
        file ->
            new PeakShare(
                new Duel(
                    name,
                    new InferSide(Contender.NAGARE, task, file),
                    List.of(new PeakSide(operations)),
                    Agreement.none(),
                    task.warmUpSteps(),
                    task.blockSteps()),
                operations));
  }
}
