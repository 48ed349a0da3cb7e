package dev.nagare.models.processing;

import dev.nagare.models.text.BertTokenizer;
import dev.nagare.models.text.TokenRows;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The inputs of a model that reads texts.
 *
 * @param tokenizer from a text to ids
 * @param tensors of the model, among them {@link #IDS}; each {@code [texts, ids]}
 * @param dtype of all of them, I64 or I32
 */
public record TextInput(BertTokenizer tokenizer, List<String> tensors, DType dtype) {
  /** Name of the ids. */
  public static final String IDS = "input_ids";

  /** Name of what shows which ids are the text's. */
  public static final String MASK = "attention_mask";

  /** Name of what tells a first text from a second, which is never there. */
  public static final String TYPES = "token_type_ids";

  /** The names of inputs that a tokenizer can fill. */
  public static final List<String> KNOWN = List.of(IDS, MASK, TYPES);

  /** Copies the list. */
  public TextInput {
    tensors = List.copyOf(tensors);
  }

  /** Bytes that the ids of some texts take. */
  public long bytes(TokenRows rows) {
    long each = (long) rows.rows() * rows.longest() * dtype.bytes() + Memory.ALIGNMENT;
    return tensors.size() * each;
  }

  /** The inputs by name. */
  public Map<String, Tensor> tensors(TokenRows rows, Memory memory) {
    Map<String, Tensor> made = new LinkedHashMap<>();
    for (String name : tensors) {
      long[] values =
          switch (name) {
            case IDS -> rows.inputIds();
            case MASK -> rows.attentionMask();
            default -> rows.tokenTypeIds();
          };
      Tensor tensor = memory.empty(dtype, Shape.of(rows.rows(), rows.longest()));
      for (int i = 0; i < values.length; i++) {
        tensor.setLong(i, values[i]);
      }
      made.put(name, tensor);
    }
    return made;
  }
}
