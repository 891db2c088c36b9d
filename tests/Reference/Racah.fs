/// Clebsch–Gordan coefficients by Racah's formula in exact integer arithmetic.
module AniSoap.Reference.Racah
