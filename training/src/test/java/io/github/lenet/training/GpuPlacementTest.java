package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.Augmentation;
import io.github.lenet.model.Activation;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.model.Pooling;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.TensorFlow;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * Where the operations of a training for a GPU would go, found out without one: by the devices in
 * its graph, and by TensorFlow's list of what a GPU can run.
 */
@Tag("slow")
class GpuPlacementTest {

  private static final GpuKernels KERNELS = new GpuKernels();

  private static final Map<String, OpDef> OPERATIONS =
      TensorFlow.registeredOpList().getOpList().stream()
          .collect(Collectors.toMap(OpDef::getName, op -> op));

  /** What is fed, what seeds of a step are made of, and what writes files. */
  private static final Set<String> MAY_BE_ON_THE_HOST =
      Set.of("Placeholder", "Const", "Unpack", "Pack", "SaveV2");

  /** And adds up how many answers are correct. */
  private static final Set<String> CUTS_BATCHES =
      Set.of(
          "AddN",
          "Cast",
          "Div",
          "FloorDiv",
          "Maximum",
          "Minimum",
          "Mul",
          "Reshape",
          "Size",
          "Slice",
          "Sub");

  static Stream<TrainingConfig> configs() {
    TrainingConfig config = TrainingConfigs.of(LeNetConfig.classic(), 1, 256, 0.1, 1, 1);
    return Stream.of(
        config,
        config.toBuilder()
            .architecture(
                LeNetConfig.builder()
                    .pooling(Pooling.MAX)
                    .denseUnits(84)
                    .activation(Activation.RELU)
                    .build())
            .build(),
        config.toBuilder()
            .architecture(
                LeNetConfig.builder()
                    .kernelSize(3)
                    .channels(32, 64)
                    .denseUnits(100)
                    .activation(Activation.TANH)
                    .build())
            .build(),
        config.toBuilder()
            .architecture(
                LeNetConfig.builder()
                    .imageSize(30, 31)
                    .kernelSize(3)
                    .channels(12, 20, 24)
                    .pooling(Pooling.MAX)
                    .denseUnits()
                    .activation(Activation.RELU)
                    .build())
            .build(),
        config.toBuilder().optimizer(Optimizer.momentum(0.1)).weightDecay(0.01).build(),
        config.toBuilder()
            .augmentation(Augmentation.fromText("shift,flip"))
            .build(), // images are fed
        config.toBuilder()
            .optimizer(Optimizer.adam(0.001))
            .weightDecay(0.01)
            .dropout(0.4)
            .standardization(new Standardization(0.3, 0.3))
            .build());
  }

  @ParameterizedTest
  @MethodSource("configs")
  void everyOperationOfAStepHasAKernelForGpus(TrainingConfig config) {
    Set<String> onHost = new TreeSet<>();
    Set<String> without = new TreeSet<>();
    for (NodeDef node : graph(config).getNodeList()) {
      if (isOnHost(node)) {
        onHost.add(node.getOp());
      } else {
        assertTrue(Set.of("", "/device:GPU:0").contains(node.getDevice()), node.toString());
        addIfNoKernel(node, without);
      }
    }
    assertEquals(Set.of(), without, "no kernel in gpu-kernels.txt");
    assertTrue(MAY_BE_ON_THE_HOST.containsAll(onHost), onHost.toString());
  }

  /** Those of a replica are in a function, and go to the device that it is called on. */
  @ParameterizedTest
  @MethodSource("configs")
  void soHaveThoseOfReplicasOnSeveralGpus(TrainingConfig config) {
    GraphDef graph = graph(config, List.of(0, 1, 2));
    Set<String> onHost = new TreeSet<>();
    Set<String> calledOn = new TreeSet<>();
    Set<String> without = new TreeSet<>();
    for (NodeDef node : graph.getNodeList()) {
      if (isOnHost(node)) {
        onHost.add(node.getOp());
      } else if (node.getOp().equals("PartitionedCall")) {
        calledOn.add(node.getDevice());
      } else {
        assertTrue(
            Set.of("", "/device:GPU:0", "/device:GPU:1", "/device:GPU:2")
                .contains(node.getDevice()),
            node.toString());
        addIfNoKernel(node, without);
      }
    }
    List<FunctionDef> functions = graph.getLibrary().getFunctionList();
    functions.stream()
        .flatMap(function -> function.getNodeDefList().stream())
        .filter(node -> !isOnHost(node))
        .forEach(node -> addIfNoKernel(node, without));
    assertEquals(3, functions.size());
    assertEquals(Set.of("/device:GPU:0", "/device:GPU:1", "/device:GPU:2"), calledOn);
    assertEquals(Set.of(), without, "no kernel in gpu-kernels.txt");
    onHost.removeAll(MAY_BE_ON_THE_HOST);
    onHost.removeAll(CUTS_BATCHES);
    assertEquals(Set.of(), onHost);
  }

  private static void addIfNoKernel(NodeDef node, Set<String> without) {
    if (KERNELS.of(node).isEmpty()) {
      without.add(node.getOp() + types(node));
    }
  }

  /**
   * A kernel that wants an argument in the host's memory waits for the GPU if the argument is
   * computed there. The shape in the gradient of a sum over a kernel, which standardization takes,
   * seems to be, but is known and computed ahead.
   */
  @ParameterizedTest
  @MethodSource("configs")
  void nothingThatAGpuComputesIsWantedOnTheHost(TrainingConfig config) {
    Map<String, NodeDef> nodes = new HashMap<>();
    graph(config).getNodeList().forEach(node -> nodes.put(node.getName(), node));
    Set<String> copied = new TreeSet<>();
    for (NodeDef node : nodes.values()) {
      if (isOnHost(node) || isOnceOnly(node)) {
        continue;
      }
      List<String> inputs =
          node.getInputList().stream().filter(input -> !input.startsWith("^")).toList();
      List<String> names = names(node, OPERATIONS.get(node.getOp()).getInputArgList());
      for (int i = 0; i < inputs.size(); i++) {
        String[] from = inputs.get(i).split(":");
        NodeDef source = nodes.get(from[0]);
        int output = from.length == 1 ? 0 : Integer.parseInt(from[1]);
        List<String> outputs = names(source, OPERATIONS.get(source.getOp()).getOutputArgList());
        if (wantsOnHost(node, names.get(i))
            && !isOnHost(source)
            && !(source.getOp().equals("DynamicStitch") && config.standardization().isPresent())
            && !wantsOnHost(source, outputs.get(output))) {
          copied.add(
              "%s (%s) to %s (%s)"
                  .formatted(source.getOp(), source.getName(), node.getOp(), node.getName()));
        }
      }
    }
    assertEquals(Set.of(), copied);
  }

  private static GraphDef graph(TrainingConfig config) {
    return graph(config, List.of(0));
  }

  private static GraphDef graph(TrainingConfig config, List<Integer> gpus) {
    try (Trainer trainer =
        new Trainer(config, DeviceSelection.gpu(gpus, "test", Optional.empty()))) {
      return trainer.session().graph().toGraphDef();
    }
  }

  private static boolean isOnHost(NodeDef node) {
    return node.getDevice().equals("/device:CPU:0");
  }

  /** Initial values. */
  private static boolean isOnceOnly(NodeDef node) {
    return (node.getOp().startsWith("Stateless") || node.getOp().equals("Fill"))
        && !node.getName().contains("replica");
  }

  private static boolean wantsOnHost(NodeDef node, String argument) {
    return KERNELS.of(node).orElseThrow().onHost().contains(argument);
  }

  /** The arguments' names, each as often as there are tensors. */
  private static List<String> names(NodeDef node, List<OpDef.ArgDef> arguments) {
    List<String> names = new ArrayList<>();
    for (OpDef.ArgDef argument : arguments) {
      long count =
          argument.getNumberAttr().isEmpty()
              ? 1
              : node.getAttrOrThrow(argument.getNumberAttr()).getI();
      for (int i = 0; i < count; i++) {
        names.add(argument.getName());
      }
    }
    return names;
  }

  private static String types(NodeDef node) {
    return node.getAttrMap().entrySet().stream()
        .filter(attribute -> attribute.getValue().getTypeValue() != 0)
        .map(attribute -> " " + attribute.getKey() + "=" + attribute.getValue().getType())
        .sorted()
        .collect(Collectors.joining());
  }
}
