package dev.nagare.server.processing;

import dev.nagare.models.image.ImageException;
import dev.nagare.models.image.ImageFile;
import dev.nagare.models.processing.Classes;
import dev.nagare.models.processing.Embedding;
import dev.nagare.models.processing.ImageInput;
import dev.nagare.models.processing.Processing;
import dev.nagare.models.processing.TextInput;
import dev.nagare.models.text.Pooling;
import dev.nagare.models.text.TokenRows;
import dev.nagare.server.config.ProcessingConfig;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.InferenceResponse.Output;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one call: what a caller sent, as the model wants it, and what the model gave, as the
 * caller wants it.
 *
 * @param model name of the model
 * @param processing of the version that answers
 * @param goal what is wanted
 * @param limits of what is taken
 * @param heap that pixels lie in
 */
record Steps(String model, Processing processing, Goal goal, ProcessingConfig limits, Heap heap) {

  /**
   * Makes a request.
   *
   * @throws ProtocolException 400, 413 or 415 for what was sent, 429 for want of memory, 501 if the
   *     model has no such steps
   */
  Prepared prepare(Medium medium, ProtocolJson codec) {
    String output = goal == Goal.CLASSES ? classes().tensor() : embedding().tensor();
    return switch (medium) {
      case Medium.Image image -> prepare(image, output, codec);
      case Medium.Texts texts -> prepare(texts, output, codec);
    };
  }

  private Prepared prepare(Medium.Image image, String output, ProtocolJson codec) {
    ImageInput input = require(processing.image(), "takes no pictures", "input.image");
    float[] numbers;
    try {
      ImageFile file = ImageFile.read(image.file(), limits.mostPixels());
      numbers = heap.decoding(file.decodedBytes(), () -> input.steps().of(file));
    } catch (ImageException e) {
      throw refused(e);
    }
    return new Prepared(
        codec.made(output, input.bytes(), memory -> input.tensors(numbers, memory)), null, false);
  }

  private static ProtocolException refused(ImageException e) {
    int status =
        switch (e.kind()) {
          case DAMAGED -> 400;
          case UNSUPPORTED -> 415;
          case TOO_LARGE -> 413;
        };
    return new ProtocolException(status, String.valueOf(e.getMessage()));
  }

  private Prepared prepare(Medium.Texts medium, String output, ProtocolJson codec) {
    TextInput input = require(processing.text(), "takes no texts", "input.text");
    List<String> texts = medium.texts();
    int most = goal == Goal.CLASSES ? 1 : limits.mostTexts();
    if (texts.size() > most) {
      throw new ProtocolException(
          413,
          "texts: expected at most "
              + most
              + (goal == Goal.CLASSES ? " to classify" : " (processing.max-texts)")
              + ", got "
              + texts.size());
    }
    for (String text : texts) {
      if (text.length() > limits.mostCharacters()) {
        throw new ProtocolException(
            413,
            "text: expected at most "
                + limits.mostCharacters()
                + " characters (processing.max-text-characters), got "
                + text.length());
      }
    }
    TokenRows rows = TokenRows.of(input.tokenizer(), texts);
    return new Prepared(
        codec.made(output, input.bytes(rows), memory -> input.tensors(rows, memory)),
        rows,
        medium.compare());
  }

  private Classes classes() {
    return require(processing.classes(), "gives no classes", "output.classes");
  }

  private Embedding embedding() {
    return require(processing.embedding(), "gives no embeddings", "output.embedding");
  }

  private <T> T require(@Nullable T step, String what, String key) {
    if (step == null) {
      throw new ProtocolException(
          501,
          "model '%s' %s: the model.yaml of its version says nothing of %s; tensors go to …/infer"
              .formatted(model, what, key));
    }
    return step;
  }

  /** The answer in JSON. */
  byte[] answer(InferenceResponse response, Prepared prepared) {
    Output output = response.outputs().getFirst();
    return switch (goal) {
      case CLASSES -> AnswerJson.classes(response, classes().best(output.floats()));
      case EMBEDDINGS ->
          AnswerJson.embeddings(response, vectors(output, prepared), prepared.compare());
    };
  }

  private List<float[]> vectors(Output output, Prepared prepared) {
    Embedding embedding = embedding();
    boolean pooled = embedding.pooling() != Pooling.NONE;
    int rows = Math.toIntExact(output.shape().getFirst());
    int longest = pooled ? Math.toIntExact(output.shape().get(1)) : 1;
    int width = Math.toIntExact(output.shape().getLast());
    TokenRows tokens = prepared.tokens();
    List<float[]> vectors = new ArrayList<>(rows);
    for (int row = 0; row < rows; row++) {
      int count = tokens == null || !pooled ? longest : Math.min(longest, tokens.length(row));
      float[] values = output.floats(row * longest * width, count * width);
      vectors.add(embedding.of(values, 0, count, width));
    }
    return vectors;
  }
}
