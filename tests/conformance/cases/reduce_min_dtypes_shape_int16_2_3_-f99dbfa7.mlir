module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<2x3xi16>) -> (tensor<3xi16> {jax.result_info = "result"}) {
    %c = stablehlo.constant dense<32767> : tensor<i16>
    %0 = stablehlo.reduce(%arg0 init: %c) applies stablehlo.minimum across dimensions = [0] : (tensor<2x3xi16>, tensor<i16>) -> tensor<3xi16>
    return %0 : tensor<3xi16>
  }
}
