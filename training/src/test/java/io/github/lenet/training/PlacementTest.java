package io.github.lenet.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.lenet.data.ImageDataset;
import io.github.lenet.data.SampleGarments;
import io.github.lenet.model.LeNetConfig;
import io.github.lenet.training.device.DeviceSelection;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TFloat32;

final class PlacementTest {

  private static final String HOST = "/job:localhost/replica:0/task:0/device:CPU:0";
  private static final String GPU = "/job:localhost/replica:0/task:0/device:GPU:0";
  private static final DeviceSpec FIRST_GPU =
      new DeviceSelection("/device:GPU:0", "test", Optional.empty()).spec();

  @Test
  void everyOperationOfAStepOnTheCpuIsThere() throws Exception {
    ImageDataset images = SampleGarments.load().train();
    DeviceSelection cpu = DeviceSelection.cpu("test");
    TrainingConfig config = TrainingConfigs.of(LeNetConfig.classic(), 1, 64, 0.1, 1, 2);

    try (Trainer trainer = new Trainer(config, cpu)) {
      Placement placement = Placement.ofAStep(trainer, images);

      assertEquals(List.of(), placement.apartFrom(cpu.spec()));
      assertEquals(Set.of("/device:CPU:0"), devices(placement));
      Set<String> types =
          placement.operations().stream()
              .map(Placement.Operation::type)
              .collect(Collectors.toSet());
      assertTrue(types.contains("_Arg"), types.toString()); // fed
      assertTrue(types.contains("SoftmaxCrossEntropyWithLogits"), types.toString()); // forward
      assertTrue(types.contains("ApplyGradientDescent"), types.toString()); // the update
    }
  }

  /** TensorFlow makes as many CPUs as it is told to; the second one stands for a GPU. */
  @Test
  void anOperationThatStrayedIsFoundInTheGraphThatWasRun() {
    DeviceSpec second =
        DeviceSpec.newBuilder().deviceType(DeviceSpec.DeviceType.CPU).deviceIndex(1).build();
    ConfigProto twoDevices =
        ConfigProto.newBuilder().putDeviceCount("CPU", 2).putDeviceCount("GPU", 0).build();
    try (Graph graph = new Graph();
        Session session = new Session(graph, twoDevices);
        TFloat32 one = TFloat32.scalarOf(1f)) {
      Ops there = Ops.create(graph).withDevice(second);
      Placeholder<TFloat32> fed = there.placeholder(TFloat32.class);
      var good = there.withName("good").math.exp(fed);
      var strayed = Ops.create(graph).withName("strayed").math.maximum(good, fed);
      var last = there.withName("last").math.cos(strayed);

      assertEquals(
          List.of(),
          Placement.observe(session.runner().feed(fed, one).fetch(good)).apartFrom(second));
      assertEquals(
          List.of(new Placement.Operation("strayed", "Maximum", "/device:CPU:0")),
          Placement.observe(session.runner().feed(fed, one).fetch(last)).apartFrom(second));
    }
  }

  @Test
  void onlyWhatIsFedAndFetchedMayBeOnTheHost() {
    GraphDef host =
        graph(
            node("_arg_images_0_0", "_Arg", HOST),
            node("images/_1", "_Send", HOST),
            node("loss/_3", "_Recv", HOST),
            node("_retval_loss_0_0", "_Retval", HOST));
    GraphDef gpu = graph(node("images/_2", "_Recv", GPU), node("conv1/conv", "Conv2D", GPU));

    assertEquals(List.of(), Placement.of(List.of(host, gpu)).apartFrom(FIRST_GPU));

    GraphDef worse = host.toBuilder().addNode(node("one_hot", "OneHot", HOST)).build();
    assertEquals(
        List.of(new Placement.Operation("one_hot", "OneHot", "/device:CPU:0")),
        Placement.of(List.of(worse, gpu)).apartFrom(FIRST_GPU));
  }

  @Test
  void printsALineForEachOperationByDeviceThenName() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Placement.of(
            List.of(
                graph(node("b", "Conv2D", GPU), node("a", "Relu", GPU)),
                graph(node("c", "_Arg", HOST))))
        .print(new PrintStream(out, true, StandardCharsets.UTF_8));

    assertEquals(
        List.of("/device:CPU:0  _Arg    c", "/device:GPU:0  Relu    a", "/device:GPU:0  Conv2D  b"),
        out.toString(StandardCharsets.UTF_8).lines().toList());
  }

  private static Set<String> devices(Placement placement) {
    return placement.operations().stream()
        .map(Placement.Operation::device)
        .collect(Collectors.toSet());
  }

  private static GraphDef graph(NodeDef... nodes) {
    return GraphDef.newBuilder().addAllNode(List.of(nodes)).build();
  }

  private static NodeDef node(String name, String op, String device) {
    return NodeDef.newBuilder().setName(name).setOp(op).setDevice(device).build();
  }
}
