module @jit_dyn_fun attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%arg0: tensor<20x30xui8>) -> (tensor<20x30xui8> {jax.result_info = "result"}) {
    return %arg0 : tensor<20x30xui8>
  }
}
