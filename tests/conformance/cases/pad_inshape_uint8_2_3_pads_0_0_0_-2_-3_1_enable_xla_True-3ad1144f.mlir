module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3xui8>, %arg1: tensor<ui8>) -> (tensor<2x0xui8> {jax.result_info = "result"}) {
    %0 = stablehlo.pad %arg0, %arg1, low = [0, -2], high = [0, -3], interior = [0, 1] : (tensor<2x3xui8>, tensor<ui8>) -> tensor<2x0xui8>
    return %0 : tensor<2x0xui8>
  }
}
