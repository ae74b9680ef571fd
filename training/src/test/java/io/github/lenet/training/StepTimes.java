package io.github.lenet.training;

import io.github.lenet.data.ImageBatch;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.SampleGarments;
import io.github.lenet.training.device.Device;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.proto.DeviceStepStats;
import org.tensorflow.proto.NodeExecStats;
import org.tensorflow.proto.RunMetadata;
import org.tensorflow.proto.RunOptions;

/**
 * How long a step of the classic network takes, beside the sum of its kernels: what is left is the
 * host's, or waiting. By TensorFlow's trace of a run; that of a GPU's kernels takes CUPTI.
 */
final class StepTimes {

  private static final int RUNS = 30;

  /** What a device did: a kernel of a GPU, or what the host did for an operation. */
  private record Work(String name, double micros) {}

  private record Trace(boolean ofGpu, List<Work> work) {}

  private StepTimes() {}

  /**
   * Prints the times.
   *
   * @param args the device, as {@code --device} has it
   */
  public static void main(String[] args) throws IOException, IOException {
    TensorFlowRuntime.prepare();
    DeviceSelection device = DeviceSelection.select(Device.parse(args[0]));
    ImageDataset train = SampleGarments.load().train();
    try (Trainer trainer = new Trainer(TrainingConfig.builder().build(), device)) {
      double[] millis = new double[RUNS];
      for (int run = 0; run < RUNS; run++) {
        millis[run] = step(trainer, train, StepTimes::nanos) / 1e6;
      }
      Arrays.sort(millis);
      Trace trace = step(trainer, train, StepTimes::trace);
      List<Work> work = trace.work();
      double sum = work.stream().mapToDouble(Work::micros).sum() / 1000;
      System.out.printf(
          Locale.ROOT,
          "a step takes %.3f ms (median of %s), its %s %s %.3f ms together%n",
          millis[RUNS / 2],
          RUNS,
          work.size(),
          trace.ofGpu() ? "kernels on the GPU" : "operations on the host",
          sum);
      print(work);
    }
  }

  private static <T> T step(
      Trainer trainer, ImageDataset train, Function<Session.Runner, T> start) {
    try (ImageBatch batch = train.batches(256).iterator().next()) {
      return trainer.graph().step(batch, 0.9, start);
    }
  }

  private static long nanos(Session.Runner runner) {
    long start = System.nanoTime();
    runner.run().close();
    return System.nanoTime() - start;
  }

  /** Of the GPU's streams; of the host, without a GPU or without CUPTI. */
  private static Trace trace(Session.Runner runner) {
    RunOptions options =
        RunOptions.newBuilder().setTraceLevel(RunOptions.TraceLevel.FULL_TRACE).build();
    try (Result result = runner.setOptions(options).runAndFetchMetadata()) {
      RunMetadata metadata = result.getMetadata().orElseThrow();
      List<DeviceStepStats> devices = metadata.getStepStats().getDevStatsList();
      List<DeviceStepStats> streams =
          devices.stream().filter(of -> of.getDevice().endsWith("/stream:all")).toList();
      List<Work> work = new ArrayList<>();
      for (DeviceStepStats stats : streams.isEmpty() ? devices : streams) {
        for (NodeExecStats node : stats.getNodeStatsList()) {
          double micros = node.getOpEndRelMicros() - node.getOpStartRelMicros();
          work.add(new Work(node.getTimelineLabel().replaceFirst("^.* = ", ""), micros));
        }
      }
      return new Trace(!streams.isEmpty(), work);
    }
  }

  /** The ten kinds that take longest. */
  private static void print(List<Work> work) {
    Map<String, List<Work>> kinds =
        work.stream().collect(Collectors.groupingBy(of -> of.name().replaceFirst("\\(.*", "")));
    Function<List<Work>, Double> time = of -> of.stream().mapToDouble(Work::micros).sum();
    kinds.entrySet().stream()
        .sorted(Comparator.comparing(kind -> -time.apply(kind.getValue())))
        .limit(10)
        .forEach(
            kind ->
                System.out.printf(
                    Locale.ROOT,
                    "%8.1f µs a step, %5.1f times  %s%n",
                    time.apply(kind.getValue()),
                    (double) kind.getValue().size(),
                    kind.getKey()));
  }
}
