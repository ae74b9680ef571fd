package io.github.lenet.training;

import io.github.lenet.data.ImageBatch;
import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.SampleGarments;
import io.github.lenet.training.device.Device;
import io.github.lenet.training.device.DeviceSelection;
import io.github.lenet.training.internal.runtime.TensorFlowRuntime;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.RunOptions;

/**
 * Where the operations of one run were placed: read from the graphs that TensorFlow executed, one
 * per device, not from what was asked for. They are those after its optimisations: what could be
 * computed ahead is a constant, and what comes from outside is an {@code _Arg}.
 *
 * @param operations by device, then by name
 */
record Placement(List<Operation> operations) {

  /** What a run is fed with and gives back starts and ends in the host's memory. */
  private static final Set<String> BOUNDARY =
      Set.of("_Arg", "_Retval", "_Send", "_Recv", "_HostSend", "_HostRecv");

  /**
   * An operation of the executed graph.
   *
   * @param name in the graph
   * @param type {@code Conv2D}, {@code _Arg} …
   * @param device {@code /device:CPU:0}
   */
  record Operation(String name, String type, String device) {}

  Placement {
    operations = List.copyOf(operations);
  }

  /**
   * Prints the placement of a step of many kinds of training.
   *
   * @param args the device, as {@code --device} has it
   */
  public static void main(String[] args) throws IOException {
    TensorFlowRuntime.prepare();
    DeviceSelection device = DeviceSelection.select(Device.parse(args[0]));
    ImageDataset train = SampleGarments.load().train();
    for (TrainingConfig config : TrainingConfigs.ofManyKinds()) {
      TrainingConfig fitted =
          config.toBuilder()
              .architecture(config.architecture().toBuilder().imageSize(28, 28).build())
              .build();
      System.out.println(fitted);
      try (Trainer trainer = new Trainer(fitted, device)) {
        ofAStep(trainer, train).print(System.out);
      }
    }
  }

  /** Of a gradient step, which changes the parameters as any does. */
  static Placement ofAStep(Trainer trainer, ImageDataset train) {
    try (ImageBatch batch = train.batches(Math.min(256, train.size())).iterator().next()) {
      return trainer.graph().step(batch, 0.1, Placement::observe);
    }
  }

  /** Runs, and looks where. */
  static Placement observe(Session.Runner runner) {
    RunOptions options = RunOptions.newBuilder().setOutputPartitionGraphs(true).build();
    try (Result result = runner.setOptions(options).runAndFetchMetadata()) {
      return of(result.getMetadata().orElseThrow().getPartitionGraphsList());
    }
  }

  static Placement of(List<GraphDef> partitions) {
    return new Placement(
        partitions.stream()
            .flatMap(graph -> graph.getNodeList().stream())
            .map(node -> new Operation(node.getName(), node.getOp(), device(node.getDevice())))
            .sorted(Comparator.comparing(Operation::device).thenComparing(Operation::name))
            .toList());
  }

  /** Without the process: {@code /job:localhost/replica:0/task:0/device:CPU:0}. */
  private static String device(String name) {
    int start = name.indexOf("/device:");
    return start < 0 ? name : name.substring(start);
  }

  /** What is not on a device, but for what goes into the run and comes out of it. */
  List<Operation> apartFrom(DeviceSpec device) {
    return operations.stream()
        .filter(operation -> !operation.device().equals(device.toString()))
        .filter(operation -> !BOUNDARY.contains(operation.type()))
        .toList();
  }

  /** A line for each operation. */
  void print(PrintStream out) {
    int device = width(operations.stream().map(Operation::device).toList());
    int type = width(operations.stream().map(Operation::type).toList());
    for (Operation operation : operations) {
      out.printf(
          "%-" + device + "s  %-" + type + "s  %s%n",
          operation.device(),
          operation.type(),
          operation.name());
    }
  }

  private static int width(List<String> column) {
    return column.stream().mapToInt(String::length).max().orElse(1);
  }
}
