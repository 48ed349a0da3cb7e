package dev.nagare.streaming.learn;

import dev.nagare.models.online.OnlineConfig.Task.ClassifyExamples;
import dev.nagare.streaming.Caller;
import dev.nagare.streaming.LabelReceipt;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.ModelLineage;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.ModelStatus;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.streaming.join.Capture;
import dev.nagare.streaming.join.Join;
import dev.nagare.streaming.join.LabelDoor;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LogAppender;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** A model that is asked by the doors and taught by its learner. */
public final class LearnedModelService implements ModelService {
  private final Questions questions;
  private final Learner learner;
  private volatile @Nullable LearnDoor learnDoor;
  private volatile @Nullable LabelDoor labelDoor;
  private volatile @Nullable RollBackDoor rollBackDoor;
  private volatile @Nullable Join join;
  private volatile @Nullable Capture capture;

  /** Joins the two. */
  public LearnedModelService(Questions questions, Learner learner) {
    this.questions = questions;
    this.learner = learner;
  }

  /** There is a log: what callers give is put into it from now on. */
  public void open(KafkaCluster cluster, LogAppender log, ProtocolJson json) {
    LearnedModel config = learner.config();
    rollBackDoor = new RollBackDoor(config, learner, cluster, log);
    if (config.online().task() instanceof ClassifyExamples task) {
      labelDoor = new LabelDoor(config, task.classes(), log);
    } else {
      learnDoor = new LearnDoor(config, learner, json, log);
    }
    capture = config.capture() ? new Capture(config, log) : null;
  }

  /** What the model is. */
  public LearnedModel config() {
    return learner.config();
  }

  /** This process stands for the join of the model's labels. */
  public void joins(Join labels) {
    join = labels;
  }

  @Override
  public String name() {
    return questions.model().name();
  }

  @Override
  public ModelMetadata metadata() {
    return questions.model().metadata();
  }

  @Override
  public boolean remembersAnswers() {
    return questions.remembers();
  }

  @Override
  public ModelStatus status() {
    Join labels = join;
    ModelStatus status = learner.status();
    return labels == null ? status : status.withDegraded(labels.waiting());
  }

  @Override
  public int waiting() {
    return questions.waiting();
  }

  @Override
  public ModelLineage lineage() {
    return learner.reports().lineage();
  }

  @Override
  public CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms) {
    try {
      Capture recording = capture;
      return recording == null
          ? questions.ask(request, request.id(), terms).thenApply(LearnedModelService::unrecorded)
          : recording.answer(questions, request, terms);
    } catch (ProtocolException refusal) {
      request.close();
      return CompletableFuture.failedFuture(refusal);
    }
  }

  /** Says that the answer cannot be labelled: there is no id to do it by. */
  private static InferenceResponse unrecorded(InferenceResponse answer) {
    answer.parameters().put("capture", "off");
    return answer;
  }

  @Override
  public CompletionStage<InferenceResponse> learn(byte[] event) {
    LearnDoor door = learnDoor;
    if (door == null) {
      return CompletableFuture.failedFuture(
          learner.config().joining() == null ? withoutKafka() : withJoin());
    }
    try {
      return door.learn(event);
    } catch (ProtocolException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
  }

  @Override
  public CompletionStage<List<LabelReceipt>> label(byte[] labels, Caller caller) {
    LabelDoor door = labelDoor;
    if (door == null) {
      return CompletableFuture.failedFuture(
          learner.config().joining() == null ? withoutJoin() : withoutKafka());
    }
    try {
      return door.take(labels, caller);
    } catch (ProtocolException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
  }

  @Override
  public CompletionStage<InferenceResponse> rollBack(byte[] body) {
    RollBackDoor door = rollBackDoor;
    if (door == null) {
      return CompletableFuture.failedFuture(withoutKafka());
    }
    try {
      return door.rollBack(body);
    } catch (ProtocolException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
  }

  private ProtocolException withoutJoin() {
    return new ProtocolException(
        501,
        "model '"
            + name()
            + "' learns from records that have what is to be learned: give it such with learn (Learn"
            + " in gRPC); labels of predictions need examples: joined in the start-up file");
  }

  private ProtocolException withJoin() {
    return new ProtocolException(
        501,
        "model '"
            + name()
            + "' learns from labels of its predictions: ask with infer (ModelInfer in gRPC), then"
            + " give the answer's prediction_id a label with labels (Labels in gRPC)");
  }

  private ProtocolException withoutKafka() {
    return new ProtocolException(
        501,
        "model '"
            + name()
            + "' learns from a log, and this server has none: name a cluster in the start-up file,"
            + " such as kafka: {topics: create, properties: {bootstrap.servers: \"127.0.0.1:9092\"}}");
  }

  @Override
  public Flux<LearningEvent> events() {
    return learner.reports().events();
  }
}
