"""The chapter's network and training as a plain PyTorch loop, with all images on the device: what .ci/gpu compares with.

    python3 .ci/pytorch.py DIRECTORY DEVICE EPOCHS    # DIRECTORY has the four .gz files; cpu, cuda, cuda:1

Nothing is read back before the end of an epoch, so that the device does not wait for Python.
"""
import gzip
import os
import sys
import time

import torch
from torch import nn
from torch.nn.functional import cross_entropy

directory, device, epochs = sys.argv[1], torch.device(sys.argv[2]), int(sys.argv[3])
BATCH = 256


def idx(name, header):
    with gzip.open(os.path.join(directory, name + ".gz")) as file:
        return torch.frombuffer(bytearray(file.read()), dtype=torch.uint8, offset=header).to(device)


def images(name):
    images = idx(name + "-images-idx3-ubyte", 16).reshape(-1, 1, 28, 28)
    return images.float().div(255), idx(name + "-labels-idx1-ubyte", 8).long()


def wait():
    if device.type == "cuda":
        torch.cuda.synchronize(device)


torch.manual_seed(1)
train_x, train_y = images("train")
test_x, test_y = images("t10k")
net = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2),
    nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2),
    nn.Flatten(), nn.Linear(400, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10))
for layer in net:
    if isinstance(layer, (nn.Conv2d, nn.Linear)):
        nn.init.xavier_uniform_(layer.weight)
        nn.init.zeros_(layer.bias)
net.to(device)
optimizer = torch.optim.SGD(net.parameters(), lr=0.9)
seconds = 0
for epoch in range(1, epochs + 1):
    wait()
    start = time.perf_counter()
    loss_sum = torch.zeros((), device=device)
    correct = torch.zeros((), device=device, dtype=torch.long)
    for chosen in torch.randperm(len(train_y), device=device).split(BATCH):
        optimizer.zero_grad()
        logits = net(train_x[chosen])
        loss = cross_entropy(logits, train_y[chosen])
        loss.backward()
        optimizer.step()
        loss_sum += loss.detach() * len(chosen)
        correct += (logits.argmax(1) == train_y[chosen]).sum()
    wait()
    seconds += time.perf_counter() - start
    with torch.no_grad():
        right = sum((net(x).argmax(1) == y).sum() for x, y in zip(test_x.split(BATCH), test_y.split(BATCH)))
    print(f"epoch {epoch}, loss {loss_sum.item() / len(train_y):.4f}, train acc {correct.item() / len(train_y):.3f}, "
          f"test acc {right.item() / len(test_y):.3f}")
print(f"{epochs * len(train_y) / seconds:.1f} examples/sec on {device}: PyTorch {torch.__version__}")
