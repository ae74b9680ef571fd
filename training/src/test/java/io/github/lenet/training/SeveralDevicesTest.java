package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.DeviceSpec;

/** What several GPUs get, on several of TensorFlow's CPUs, which it takes for as many devices. */
@Tag("slow")
class SeveralDevicesTest {

  /** Of the images of a batch at least so many go to a replica on a CPU. */
  private static final int BATCH_SIZE = 3 * 32;

  /** A run of several steps, two of one, and a ragged batch with fewer images than devices. */
  private static final ImageDataset TRAIN =
      Images.bars((Trainer.STEPS_PER_RUN + 2) * BATCH_SIZE + 2, 1);

  private static final ImageDataset HELD_OUT = Images.bars(501, 2);

  private static DeviceSelection cpus(int count) {
    return new DeviceSelection(
        "/device:CPU:0-" + (count - 1),
        IntStream.range(0, count)
            .mapToObj(
                i ->
                    DeviceSpec.newBuilder()
                        .deviceType(DeviceSpec.DeviceType.CPU)
                        .deviceIndex(i)
                        .build())
            .toList(),
        "test",
        Optional.empty());
  }

  /** With as many replicas as threads. */
  private static TrainingConfig config(int replicas) {
    return TrainingConfigs.of(LeNetConfig.classic(), 1, BATCH_SIZE, 0.05, 3, replicas);
  }

  static Stream<Arguments> trainings() {
    LeNetConfig maxPooling =
        LeNetConfig.builder()
            .kernelSize(3)
            .channels(9, 4)
            .pooling(Pooling.MAX)
            .denseUnits(20)
            .activation(Activation.RELU)
            .build();
    return Stream.of(
        Arguments.of(config(2), true),
        Arguments.of(withAll(config(3)), true),
        Arguments.of(withAll(config(2)), false),
        Arguments.of(
            config(3).toBuilder()
                .optimizer(new Optimizer.Nesterov(0.05, 0.8))
                .architecture(maxPooling)
                .build(),
            false));
  }

  private static TrainingConfig withAll(TrainingConfig config) {
    return config.toBuilder()
        .optimizer(Optimizer.adam(config.optimizer().learningRate()))
        .weightDecay(0.01)
        .dropout(0.3)
        .standardization(Standardization.of(TRAIN))
        .build();
  }

  /** But for rounding: their gradients are summed later. */
  @ParameterizedTest
  @MethodSource("trainings")
  void learnsWhatReplicasOnOneDeviceLearn(TrainingConfig config, boolean resident)
      throws Exception {
    int devices = config.threads();
    assertEquals(devices, config.replicas());
    List<Metrics> told = new ArrayList<>();
    List<Metrics> toldByOne = new ArrayList<>();
    try (Trainer one = new Trainer(config, DeviceSelection.cpu("test"));
        Trainer several = new Trainer(config, cpus(devices), resident)) {
      List<EpochResult> expected = one.fit(TRAIN, HELD_OUT, listener(toldByOne));
      List<EpochResult> found = several.fit(TRAIN, HELD_OUT, listener(told));

      assertEquals(toldByOne.size(), told.size());
      for (int i = 0; i < told.size(); i++) {
        assertSame(toldByOne.get(i), told.get(i));
      }
      assertEquals(expected.size(), found.size());
      for (int i = 0; i < found.size(); i++) {
        assertSame(expected.get(i).validation(), found.get(i).validation());
      }
      Map<String, float[]> parameters = several.parameters();
      one.parameters()
          .forEach((name, values) -> assertArrayEquals(values, parameters.get(name), 1e-4f, name));
      assertSame(one.evaluate(HELD_OUT.first(1)), several.evaluate(HELD_OUT.first(1)));
    }
  }

  private static TrainingListener listener(List<Metrics> told) {
    return new TrainingListener() {
      @Override
      public void onBatch(BatchProgress progress) {
        told.add(progress.train());
      }
    };
  }

  private static void assertSame(Metrics one, Metrics other) {
    assertEquals(one.total(), other.total());
    assertEquals(one.correct(), other.correct());
    assertEquals(one.meanLoss(), other.meanLoss(), 1e-4);
  }

  /** In the graphs that were run: without this, TensorFlow does all gradients on device 0. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void eachDeviceDoesItsPartForwardAndBackward(boolean resident) {
    LeNetConfig layerByLayer =
        LeNetConfig.builder().channels(9, 16).denseUnits(20).activation(Activation.RELU).build();
    TrainingConfig config = config(1).toBuilder().architecture(layerByLayer).build();
    try (Trainer trainer = new Trainer(config, cpus(3), resident)) {
      Placement placement = trainer.placement(TRAIN);

      Set<String> devices = Set.of("/device:CPU:0", "/device:CPU:1", "/device:CPU:2");
      int steps = resident ? Trainer.STEPS_PER_RUN : 1;
      for (String part :
          List.of(
              "SoftmaxCrossEntropyWithLogits", "ReluGrad", "Conv2DBackpropFilter", "AvgPoolGrad")) {
        Map<String, Long> count =
            placement.operations().stream()
                .filter(operation -> operation.type().contains(part))
                .collect(
                    Collectors.groupingBy(
                        Placement.Operation::device, TreeMap::new, Collectors.counting()));
        assertEquals(devices, count.keySet(), part);
        assertEquals(1, Set.copyOf(count.values()).size(), part + count);
        assertTrue(count.get("/device:CPU:0") >= steps, part + count);
      }
      assertEquals(
          Set.of("/device:CPU:0"),
          placement.operations().stream()
              .filter(operation -> operation.type().equals("ApplyGradientDescent"))
              .map(Placement.Operation::device)
              .collect(Collectors.toSet()));
    }
  }

  @Test
  void devicesMayBeLeftWithoutAnImage() throws Exception {
    TrainingConfig config = TrainingConfigs.of(LeNetConfig.classic(), 1, 4, 0.05, 3, 1);
    try (Trainer one = new Trainer(config, DeviceSelection.cpu("test"));
        Trainer several = new Trainer(config, cpus(4), true)) {
      for (int count = 1; count <= 5; count++) {
        ImageDataset few = HELD_OUT.first(count);
        assertSame(
            one.fit(few, few, new TrainingListener() {}).get(0).train(),
            several.fit(few, few, new TrainingListener() {}).get(0).train());
        assertSame(one.evaluate(few), several.evaluate(few));
      }
    }
  }
}
