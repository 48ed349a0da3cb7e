package dev.nagare.streaming.batch;

import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.ModelMetadata;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model as lanes and doors see it: what it takes, what it gives, how a batch is answered. */
public interface ServedModel {

  /** The model's name. */
  String name();

  /** The model's description. */
  ModelMetadata metadata();

  /**
   * What answers now: another object as soon as other weights do, and never the same again after
   * that. To be compared by identity.
   */
  default Object edition() {
    return this;
  }

  /**
   * A request as a question to this model; called at the door.
   *
   * @param request stays the caller's if it is refused
   * @param id for the answer
   * @param most rows in one question
   * @throws dev.nagare.streaming.protocol.ProtocolException status 400 that says what was expected
   *     and got; 413 if it is too many
   */
  Question question(InferenceRequest request, @Nullable String id, int most);

  /**
   * What the answer to a question will take on the heap; called at the door, before anything is
   * computed.
   *
   * @param form in which it will be written
   * @return at most so many bytes; {@link Long#MAX_VALUE} if they are more than can be counted
   */
  long answerBytes(Question question, AnswerForm form);

  /**
   * Answers every question of a batch, and gives the requests back once their rows are copied.
   * Called by a lane, which tells the callers afterwards; what it throws fails those that are not
   * answered yet.
   *
   * @param batch of questions to this model that are of one kind; a single one may be larger than a
   *     batch
   */
  void answer(List<Question> batch, LaneMemory memory);
}
